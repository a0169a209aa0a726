import { annotation } from '../../marks.ts';
import type { Evidence } from '../contract.ts';
import type { Breaker } from '../inventory/breakers/breaker.ts';
import { daprCalls } from '../inventory/breakers/dapr.ts';
import { gatewayBreakers, gatewayParts } from '../inventory/breakers/gateways.ts';
import { breakerParts, breakersOf } from '../inventory/breakers/index.ts';
import { declaredAnnotation } from '../inventory/declared/annotation-list.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import type { Edge } from '../inventory/graph/edges.ts';
import { workloadName, workloadParts } from '../inventory/kubernetes/workloads.ts';
import { callsNobody } from '../inventory/traffic/egress.ts';
import { danglingBreakers } from './circuit-breakers/dangling.ts';
import { type Found, type Judgement, reasons } from './circuit-breakers/reasons.ts';
import { defineCheck, notApplicable, unread } from './define/define-check.ts';
import { unclearClass } from './define/unclear-class.ts';

/** Calls to other services, one edge a target: what it is told, and what it declares. */
function callsOf(component: Component, facts: Facts): Edge[] {
  const calls = new Map<string, Edge>();
  for (const edge of facts.edgesFrom(component)) {
    if (edge.style !== 'sync' || edge.destination === 'outside') continue;
    const key = edge.to?.key ?? edge.host;
    const known = calls.get(key);
    // What it is told for itself says more than a list for everybody.
    if (!edge.offered || !known || known.offered) calls.set(key, edge);
  }
  for (const workload of component.workloads) {
    const { claimed, evidence } = declaredAnnotation(workload, annotation.calls);
    for (const name of claimed) {
      const destination = facts.resolve(name, undefined, component.namespace);
      const service = 'service' in destination ? destination.service : undefined;
      const to = service && facts.componentOf(service);
      const key = to?.key ?? name;
      if (calls.has(key) && !calls.get(key)?.offered) continue;
      calls.set(key, {
        from: component,
        ...(to ? { to } : {}),
        ...(service ? { service } : {}),
        destination: destination.kind,
        style: 'sync',
        protocol: 'http',
        host: name,
        setting: annotation.calls,
        evidence: evidence(name),
      });
    }
  }
  // Beside an address of the same target (of its health, say), which passes the sidecar by.
  for (const edge of daprCalls(component, facts)) calls.set(`dapr ${edge.to?.key ?? edge.host}`, edge);
  return [...calls.values()];
}

type State = 'guarded' | 'partly' | 'limited' | 'inert' | 'unclear' | 'open';

const stateOf = (breakers: readonly Breaker[]): State => {
  const live = breakers.filter(({ kind, inert, unclear }) => kind === 'trips' && !inert && !unclear);
  if (live.some(({ partly }) => !partly)) return 'guarded';
  if (breakers.some(({ inert, unclear }) => !inert && unclear)) return 'unclear';
  if (live.length > 0) return 'partly';
  if (breakers.some(({ kind, inert }) => kind === 'trips' && inert)) return 'inert';
  return breakers.some(({ inert }) => !inert) ? 'limited' : 'open';
};

const targetOf = (edge: Edge): string => edge.to?.name ?? edge.host;

/** What tells findings about one target apart: through Dapr's sidecar, or straight. */
const keyFor = (edge: Edge): string => `${targetOf(edge)}${edge.protocol === 'dapr' ? '/dapr' : ''}`;

const namesOf = (edges: readonly Edge[]): string => [...new Set(edges.map(targetOf))].sort().join(', ');

/** The same, where calls to some of them go through Dapr's sidecar too. */
const straightNames = (edges: readonly Edge[], all: readonly Edge[]): string => {
  const throughDapr = new Set(all.filter(({ protocol }) => protocol === 'dapr').map(targetOf));
  const names = edges.map((edge) => {
    const name = targetOf(edge);
    return edge.protocol !== 'dapr' && throughDapr.has(name) ? `${name} (past Dapr’s sidecar)` : name;
  });
  return [...new Set(names)].sort().join(', ');
};

const isGenerated = (component: Component): boolean =>
  component.workloads.some(({ podAnnotations }) => podAnnotations[annotation.generator] !== undefined);

/** What a gateway does for calls to this service: those are not its own, so nothing here changes its cell. */
const judgeGateways = (component: Component, facts: Facts): Found[] =>
  gatewayBreakers(facts)
    .filter(({ serves, idle }) => !idle && serves.some((service) => component.services.includes(service)))
    .map(({ technology, kind, weak, evidence }) => ({
      status: 'note',
      reason: 'GATEWAY_GUARDS_IT',
      message: `${technology} ${kind === 'trips' ? 'stops calling it after failures' : 'limits what reaches it'}; that guards what comes in through the gateway, not its own calls${weak ? `; ${weak}` : ''}`,
      evidence: [evidence],
      fix: weak ? 'Add what is missing to the policy.' : '',
      key: evidence.object,
    }));

function judge(component: Component, facts: Facts): Judgement {
  const classification = facts.classOf(component);
  if (classification.class !== 'application')
    return notApplicable(
      'NOT_AN_APPLICATION',
      `a ${classification.class === 'store' ? 'data store' : 'broker'}: it calls no services`,
    );
  const calls = callsOf(component, facts);
  const findings: Found[] = classification.certain ? [] : [unclearClass(component, facts)];
  findings.push(...judgeGateways(component, facts));
  if (calls.length === 0) {
    const closed = callsNobody(component, facts);
    if (closed && classification.certain)
      return notApplicable('CALLS_NOBODY', 'network policies leave it no way to call another service', closed);
    const gaps = facts.ledger.gaps(['services', 'configmaps'], component.namespace);
    findings.push(
      gaps.length > 0
        ? unread(gaps, 'Nobody can say which services it calls')
        : {
            status: 'unknown',
            reason: 'NO_CALL_VISIBLE',
            message:
              'no call to another service stands in its settings; one in its code would not be visible. If it calls none, there is nothing to do',
            evidence: component.workloads.map((workload) => ({
              object: workloadName(workload),
              path: `${workload.specPath}.containers[*].env`,
            })),
            fix: 'Give addresses of services it calls as plain settings, so that they can be seen and changed.',
          },
    );
    return { level: 'none', reason: 'NO_CALL_VISIBLE', message: '', findings };
  }
  const states = calls
    .map((edge) => ({ edge, breakers: breakersOf(edge, facts) }))
    .map((call) => ({ ...call, state: stateOf(call.breakers) }));
  const evidence: Evidence[] = [];
  for (const { edge, breakers, state } of states) {
    evidence.push(edge.evidence, ...breakers.map((breaker) => breaker.evidence));
    const inert = breakers.find((breaker) => breaker.inert && breaker.kind === 'trips');
    if (state === 'inert' && inert)
      findings.push({
        status: edge.offered ? 'unknown' : 'fail',
        reason: 'CONFIGURED_BUT_INERT',
        message: `calls ${edge.offered ? 'that it may make ' : ''}to ${targetOf(edge)} have a breaker (${inert.technology}) that does nothing: ${inert.inert}`,
        evidence: [inert.evidence, edge.evidence],
        fix: 'Correct it, and see it open in a test with the target down.',
        key: keyFor(edge),
      });
    const part = breakers.find((breaker) => breaker.partly && !breaker.inert);
    if (state === 'partly' && part)
      findings.push({
        status: 'warn',
        reason: 'PARTLY_GUARDED',
        message: `calls to ${targetOf(edge)} have a breaker (${part.technology}) that guards only some of them: ${part.partly}`,
        evidence: [part.evidence, edge.evidence],
        fix: 'Make it hold for every call to this target.',
        key: keyFor(edge),
      });
    if (state === 'guarded' && edge.to?.workloads.every(({ wanted }) => wanted === 1))
      findings.push({
        status: 'note',
        reason: 'ONE_ENDPOINT',
        message: `${targetOf(edge)} has one replica: when the breaker takes it out, nothing is left to call`,
        evidence: edge.to.workloads.map((workload) => ({ object: workloadName(workload), path: 'spec.replicas' })),
        fix: `Run two replicas of ${targetOf(edge)}, or have an answer ready for the time it is out.`,
        key: keyFor(edge),
      });
    if (state === 'unclear')
      findings.push({
        status: 'unknown',
        reason: 'PROXY_UNSEEN',
        message: `calls to ${targetOf(edge)} have a policy of the mesh, and whether a proxy of it is there to carry it out could not be seen`,
        evidence: breakers.map((breaker) => breaker.evidence),
        fix: 'Look at the containers of a running pod of the caller.',
        key: keyFor(edge),
      });
    if (state === 'limited')
      findings.push({
        status: 'warn',
        reason: 'LIMITS_ONLY',
        message: `calls to ${targetOf(edge)} have timeouts, retries or connection limits (${[...new Set(breakers.map(({ technology }) => technology))].join(', ')}), and nothing that opens after failures`,
        evidence: breakers.map((breaker) => breaker.evidence),
        fix: 'Add outlier detection (or failure accrual) for this target, or a breaker in the client.',
        key: keyFor(edge),
      });
  }
  const open = states.filter(({ state }) => state === 'open');
  if (open.length > 0) {
    const gaps = facts.ledger.gaps(breakerParts, component.namespace);
    const certain = open.filter(({ edge }) => !edge.offered);
    const told = certain.length > 0 ? certain : open;
    const targets = straightNames(
      told.map(({ edge }) => edge),
      calls,
    );
    const others = namesOf(certain.length > 0 ? open.flatMap(({ edge }) => (edge.offered ? edge : [])) : []);
    const maybe = others && ` (it may also call ${others}, of a list that several are given)`;
    const its = certain.length > 0 ? 'its calls' : 'calls that it may make';
    const some = certain.length > 0 && open.length < states.length && gaps.length === 0;
    findings.push({
      status: some ? 'warn' : 'unknown',
      reason: some ? 'SOME_CALLS_UNGUARDED' : gaps.length > 0 ? 'NOT_READ' : 'MAY_BE_IN_CODE',
      message: some
        ? `nothing in the cluster guards its calls to ${targets}${maybe}, while others are guarded`
        : `no policy guards ${its} to ${targets}${maybe}; ${isGenerated(component) ? 'the clients that msvc generated for it have breakers, which only a probe could prove' : 'a breaker in its code would not be visible'}${gaps.length > 0 ? ` (not read: ${gaps.join('; ')})` : ''}`,
      evidence: told.map(({ edge }) => edge.evidence),
      fix: 'Put a breaker in the client (msvc add-client makes one), or a policy of the mesh (Istio outlierDetection, Linkerd failure-accrual) on each target.',
    });
  }
  const gaps = facts.hiddenFrom(component, ['services', 'configmaps', 'pods'], 'business');
  if (gaps.length > 0) findings.push(unread(gaps, 'Not every call of it is visible'));
  return {
    level: 'wired',
    reason: 'EVERY_CALL_GUARDED',
    message: `something that opens after failures guards every visible call (${namesOf(calls)})`,
    evidence,
    findings,
  };
}

export default defineCheck({
  id: 'circuit-breakers',
  title: 'Circuit breakers implemented',
  item: 'Circuit breakers implemented',
  heading: { long: 'breakers', short: 'breaks' },
  reads: {
    needs: ['services', 'configmaps', 'pods'],
    uses: [
      ...workloadParts,
      'namespaces',
      'networkpolicies.networking.k8s.io',
      ...new Set([...breakerParts, ...gatewayParts]),
    ],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'A caller that keeps waiting for a service that is down runs out of connections and goes down with it. Something must notice, stop calling, and try again later, on the caller’s side.',
    judges:
      'The caller’s view, call by call: addresses of other services in its settings, and calls it declares or makes through Dapr’s sidecar; what stands in a list that several are given whole is a call that it may make. Pass: something that trips on failures (Istio outlierDetection, Linkerd failure accrual, a Dapr Resiliency for calls through the sidecar, Kuma, Consul, Cilium) covers every visible call, is attached and in force. Warn: only timeouts, retries or connection limits, or only some calls. Fail: a breaker that is configured and does nothing (no proxy in the caller, a typo, a subset without a route, a rule that another one hides). Unknown: no policy is seen, and it may be in code. What a gateway (Envoy Gateway, Traefik, Kong, APISIX, Emissary, Contour) does before a service guards what comes in, not the calls of that service: it is noted, and so is a policy that no route uses.',
    wrongWhen:
      'Breakers in libraries are not visible from outside; that is why their absence is never a fail. Calls whose addresses stand in code are not visible. Connection limits, which Envoy calls circuit breakers, do not trip on failures.',
    fix: 'Use a breaker in the client that opens after consecutive failures and tries again with one call, or let the mesh do it; then test it with the target down.',
  },
  judge,
  dangling: danglingBreakers,
});
