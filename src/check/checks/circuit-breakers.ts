import type { Evidence } from '../contract.ts';
import { gatewayBreakers, gatewayParts } from '../inventory/breakers/gateways.ts';
import { breakerParts } from '../inventory/breakers/index.ts';
import { ownBreakers } from '../inventory/breakers/own.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { workloadName, workloadParts } from '../inventory/kubernetes/workloads.ts';
import { callsNobody } from '../inventory/traffic/egress.ts';
import { namesOf } from './circuit-breakers/calls.ts';
import { danglingBreakers } from './circuit-breakers/dangling.ts';
import { guardedCalls, judgeCall } from './circuit-breakers/guarded-calls.ts';
import { judgeOpenCalls } from './circuit-breakers/open-calls.ts';
import { type Found, type Judgement, reasons } from './circuit-breakers/reasons.ts';
import { askedInVain } from './define/asked-in-vain.ts';
import { decidedBy, defineCheck, notApplicable, unread } from './define/define-check.ts';
import { unclearClass } from './define/unclear-class.ts';

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

/** No call of it is seen: proven where network policies leave it none. */
function judgeWithoutCalls(component: Component, known: readonly Found[], facts: Facts): Judgement {
  const closed = callsNobody(component, facts);
  if (closed && facts.classOf(component).certain)
    return notApplicable('CALLS_NOBODY', 'network policies leave it no way to call another service', closed);
  const gaps = facts.ledger.gaps(['services', 'configmaps'], component.namespace);
  return decidedBy([
    ...known,
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
  ]);
}

function judge(component: Component, facts: Facts): Judgement {
  const classification = facts.classOf(component);
  if (classification.class !== 'application')
    return notApplicable(
      'NOT_AN_APPLICATION',
      `a ${classification.class === 'store' ? 'data store' : 'broker'}: it calls no services`,
    );
  const calls = guardedCalls(component, facts);
  const edges = calls.map(({ edge }) => edge);
  const known: Found[] = [
    ...(classification.certain ? [] : [unclearClass(component, facts)]),
    ...judgeGateways(component, facts),
  ];
  if (edges.length === 0) return judgeWithoutCalls(component, known, facts);
  const gaps = facts.hiddenFrom(component, ['services', 'configmaps', 'pods'], 'business');
  // Where it passes, what is open is guarded by breakers that it shows, whatever their names.
  const observed =
    ownBreakers(component, facts).length > 0 &&
    calls.every(
      ({ state, breakers }) => state === 'open' || breakers.some(({ observed, inert }) => observed && !inert),
    );
  return {
    level: observed ? 'observed' : 'wired',
    reason: 'EVERY_CALL_GUARDED',
    message: `something that opens after failures guards every visible call (${namesOf(edges)})`,
    evidence: calls.flatMap(({ edge, breakers }): Evidence[] => [
      edge.evidence,
      ...breakers.map((breaker) => breaker.evidence),
    ]),
    findings: [
      ...known,
      ...calls.flatMap(judgeCall),
      ...judgeOpenCalls(component, calls, facts),
      ...askedInVain(component, facts, ['metrics'], 'whether it has breakers of its own'),
      ...(gaps.length > 0 ? [unread(gaps, 'Not every call of it is visible')] : []),
    ],
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
      'The caller’s view, call by call: addresses of other services in its settings, and calls it declares or makes through Dapr’s sidecar; what stands in a list that several are given whole is a call that it may make. Pass: something that trips on failures (Istio outlierDetection, Linkerd failure accrual, a Dapr Resiliency for calls through the sidecar, Kuma, Consul, Cilium) covers every visible call, is attached and in force; or, with --probe, breakers that its own metrics tell of (generated services, resilience4j, opossum, Polly, MicroProfile, outlier detection of its Envoy) guard them. Warn: only timeouts, retries or connection limits, or only some calls. Fail: a breaker that is configured and does nothing (no proxy in the caller, a typo, a subset without a route, a rule that another one hides), or a service that msvc generated shows none for a call that it declares. Unknown: no policy is seen, and it may be in code. What a gateway (Envoy Gateway, Traefik, Kong, APISIX, Emissary, Contour) does before a service guards what comes in, not the calls of that service: it is noted, and so is a policy that no route uses.',
    wrongWhen:
      'Breakers in libraries are not visible from outside, and not all of them are in metrics; that is why their absence is never a fail, but of a generated service, whose clients always tell of theirs. Calls whose addresses stand in code are not visible. Connection limits, which Envoy calls circuit breakers, do not trip on failures.',
    fix: 'Use a breaker in the client that opens after consecutive failures and tries again with one call, or let the mesh do it; then test it with the target down.',
  },
  judge,
  dangling: danglingBreakers,
});
