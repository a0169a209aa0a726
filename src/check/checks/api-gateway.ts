import type { Evidence } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { nameOf } from '../inventory/kubernetes/types.ts';
import { isInScope } from '../inventory/scope.ts';
import { hasReadyEndpoints } from '../inventory/traffic/endpoint-slices.ts';
import { directExposures, isExposed, knativeExposure, routesTo } from '../inventory/traffic/exposure.ts';
import type { Route } from '../inventory/traffic/route-kinds.ts';
import { missingEnds, routeParts, routeStateParts } from '../inventory/traffic/routes.ts';
import { type Dangling, type Found, type Judgement, reasons } from './api-gateway/reasons.ts';
import { decidedBy, defineCheck, notApplicable, unread } from './define/define-check.ts';
import { unclearClass } from './define/unclear-class.ts';

/**
 * The edge of a system that nobody outside can reach: it calls others, no application calls it, and its namespace has no
 * way in. What has no port of a Service is a worker, which nobody means to reach.
 */
function judgeLockedEdge(component: Component, facts: Facts): Found | undefined {
  if (!component.primaryService?.spec.ports?.length) return undefined;
  const calls = facts
    .edgesFrom(component)
    .filter(({ style, to, offered }) => style === 'sync' && to !== undefined && !offered);
  const callers = facts.edgesTo(component).map(({ from }) => from);
  if (calls.length === 0 || callers.some((caller) => facts.classOf(caller).class === 'application')) return undefined;
  if (facts.components.some((other) => other.namespace === component.namespace && isExposed(other, facts)))
    return undefined;
  const targets = [...new Set(calls.map(({ to }) => to?.name ?? ''))].sort().join(', ');
  const others = [...new Set(callers.map(({ name }) => name))].sort().join(', ');
  return {
    status: 'warn',
    reason: 'NO_WAY_IN',
    message: `it looks like the edge of the system (it calls ${targets}, and no application calls it${others ? `, only ${others}` : ''}), and no gateway, route or exposed Service leads into its namespace`,
    evidence: calls.slice(0, 4).map((edge) => edge.evidence),
    fix: 'Add an Ingress or Gateway route to it; where only jobs or people with port-forward use it, waive this.',
  };
}

/** A store or broker has no users to let in by a gateway; that it can be reached from outside is said all the same. */
function judgeBackend(component: Component, facts: Facts): Judgement {
  const what = facts.classOf(component).class === 'store' ? 'a data store' : 'a broker';
  const exposures = directExposures(component, []);
  const how = exposures.map((exposure) => exposure.how).join(' and ');
  const evidence = exposures.map((exposure) => exposure.evidence);
  const open: Found = {
    status: 'note',
    reason: 'BACKEND_EXPOSED',
    message: `${what} that can be reached from outside the cluster: ${how}`,
    evidence,
    fix: 'Make its Service ClusterIP; people reach it with kubectl port-forward.',
  };
  return notApplicable(
    'NOT_AN_APPLICATION',
    exposures.length > 0
      ? `${what}, which no gateway is for; ${how} opens it to the outside`
      : `${what}: no gateway is for it`,
    evidence,
    exposures.length > 0 ? [open] : [],
  );
}

/** Kinds in whose status a controller says whether it took them up; other kinds say nothing of it. */
const told = /^(Ingress|HTTPRoute|GRPCRoute|TLSRoute|TCPRoute|Route|HTTPProxy|ApisixRoute) /;

const fixOf = (object: string): string =>
  told.test(object)
    ? `Install the controller that ${object} is meant for, or correct what its status says: kubectl describe ${object.replace(/^(\S+) ([^/]+)\/(.+)$/, '$1 -n $2 $3')}`
    : `Run the gateway that ${object} is meant for, or make it name one that runs.`;

const routeReasons = { pending: 'ROUTE_NOT_SERVED', refused: 'ROUTE_REFUSED', unclear: 'ROUTE_UNCLEAR' } as const;

function judgeRoutes(component: Component, routes: readonly Route[], facts: Facts): Found[] {
  const found = new Map<string, Found>();
  for (const route of routes) {
    const { object } = route.evidence;
    if (route.state !== 'accepted')
      found.set(object, {
        status: route.state === 'unclear' ? 'unknown' : 'warn',
        reason: routeReasons[route.state],
        message: `${object} leads to it, but ${route.why}`,
        evidence: [told.test(object) ? { object, path: 'status' } : route.evidence],
        fix: fixOf(object),
        key: object,
      });
    const port =
      route.service && typeof route.port === 'number'
        ? route.service.spec.ports?.some((own) => own.port === route.port)
        : true;
    if (route.service && port === false)
      found.set(`${object} port`, {
        status: 'warn',
        reason: 'ROUTE_TO_NOTHING',
        message: `${object} leads to port ${route.port} of ${nameOf(route.service)}, which has no such port`,
        evidence: [route.evidence],
        fix: 'Correct the port in the route.',
        key: `${object} port`,
      });
    for (const { namespace, name, evidence } of missingEnds(facts).get(object) ?? [])
      found.set(
        `${object} ${name}`,
        facts.ledger.complete('services', namespace)
          ? {
              status: 'warn',
              reason: 'ROUTE_TO_NOTHING',
              message: `${object} leads to it and also to Service ${namespace}/${name}, which does not exist: part of what comes in ends there`,
              evidence: [evidence],
              fix: `Deploy ${name}, or take it out of the route.`,
              key: `${object} ${name}`,
            }
          : unread([`services in ${namespace}: not read`], `Nobody can say whether all of ${object} resolves`),
      );
    const serving = route.service && hasReadyEndpoints(facts, route.service);
    const asleep = component.workloads.length > 0 && component.workloads.every(({ wanted }) => wanted === 0);
    if (route.service && serving === false && !asleep)
      found.set(`${object} pods`, {
        status: 'warn',
        reason: 'ROUTE_TO_NOTHING',
        message: `${object} leads to ${nameOf(route.service)}, and no pod behind that is ready`,
        evidence: [route.evidence],
        fix: 'See service-discovery: its selector, or why its pods are not ready.',
        key: `${object} pods`,
      });
    if (route.service && serving === undefined)
      found.set(
        `${object} slices`,
        unread(
          facts.ledger.gaps(['endpointslices.discovery.k8s.io'], component.namespace),
          'Nobody can say whether the route ends at a ready pod',
        ),
      );
  }
  return [...found.values()];
}

/** Routes whose Service does not exist: they belong to nobody, and whoever follows them finds nothing. */
const danglingRoutes = (facts: Facts): Dangling[] =>
  [...missingEnds(facts).values()]
    .flat()
    .filter(({ namespace }) => isInScope(namespace, facts) && facts.ledger.complete('services', namespace))
    .map(({ namespace, name, evidence }) => ({
      object: evidence.object,
      reason: 'ROUTE_TO_NOTHING',
      message: `${evidence.object} leads to Service ${namespace}/${name}, which does not exist`,
      evidence: [evidence],
      fix: `Deploy ${name}, or correct the route.`,
    }));

function judge(component: Component, facts: Facts): Judgement {
  const classification = facts.classOf(component);
  if (classification.class !== 'application') return judgeBackend(component, facts);
  const routes = routesTo(component, facts);
  const exposures = directExposures(component, routes);
  const knative = knativeExposure(component);
  const findings: Found[] = classification.certain ? [] : [unclearClass(component, facts)];
  const evidence: Evidence[] = [
    ...routes.map((route) => route.evidence),
    ...exposures.map((exposure) => exposure.evidence),
    ...(knative ? [knative.evidence] : []),
  ];
  const gaps = facts.ledger.gaps([...routeParts, 'services'], component.namespace);
  findings.push(...judgeRoutes(component, routes, facts));
  if (knative && !knative.ready)
    findings.push({
      status: 'warn',
      reason: 'ROUTE_NOT_SERVED',
      message: 'Knative has not made it ready',
      evidence: [knative.evidence],
      fix: 'kubectl describe ksvc says why.',
    });
  const beside = routes.length > 0 || knative !== undefined;
  if (exposures.length > 0) {
    const how = exposures.map((exposure) => exposure.how).join(' and ');
    // A route that was not read could make this a bypass beside a gateway.
    const unsure = !beside && gaps.length > 0;
    findings.push(
      unsure
        ? unread(gaps, `It is reached directly (${how}); whether also through a gateway`)
        : {
            status: beside ? 'warn' : 'fail',
            reason: beside ? 'BYPASS' : 'EXPOSED_DIRECTLY',
            message: beside
              ? `a gateway leads to it, and ${how} leads past that gateway`
              : `${how} leads straight to its pods: no gateway checks, limits or records what comes in`,
            evidence: exposures.map((exposure) => exposure.evidence),
            fix: beside
              ? `Make its Services ClusterIP, so that the gateway is the only way in.`
              : 'Put an Ingress or Gateway route before it and make its Services ClusterIP.',
          },
    );
  }
  if (!beside && exposures.length === 0) {
    const lost = facts.hiddenFrom(component, [...routeParts, 'services', 'pods', 'configmaps'], 'business');
    if (lost.length > 0)
      return decidedBy([...findings, unread(lost, 'Nobody can say whether it is reached from outside')]);
    const locked = judgeLockedEdge(component, facts);
    if (locked) return decidedBy([...findings, locked]);
    if (classification.certain)
      return notApplicable('NOT_EXPOSED', 'nothing outside the cluster leads to it: it is reached from inside only');
    return decidedBy(findings);
  }
  if (gaps.length > 0 && exposures.length === 0)
    findings.push(unread(gaps, 'Another way in may stand where nobody looked'));
  const ready = component.primaryService ? hasReadyEndpoints(facts, component.primaryService) === true : true;
  const names = [
    ...new Set([...routes.map((route) => route.evidence.object), ...(knative ? [knative.evidence.object] : [])]),
  ];
  if (!ready)
    findings.push({
      status: 'note',
      reason: 'NONE_READY',
      message: 'no pod of it is ready',
      fix: 'See service-discovery.',
    });
  return {
    level: 'wired',
    reason: 'BEHIND_A_GATEWAY',
    message: `reached only through ${names.join(', ')}, which is served`,
    evidence,
    findings,
  };
}

export default defineCheck({
  id: 'api-gateway',
  title: 'API gateway in place',
  item: 'API gateway in place',
  heading: { long: 'gateway', short: 'gate' },
  reads: {
    needs: ['services', 'pods', 'configmaps', ...routeParts],
    uses: [
      'deployments.apps',
      'statefulsets.apps',
      'endpointslices.discovery.k8s.io',
      ...routeStateParts,
      'services.serving.knative.dev',
    ],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'One place where requests come in can check tokens, limit rates, record and route. Every other door is one that somebody must guard by hand, and mostly nobody does.',
    judges:
      'Every way in from outside. Pass: reached only through an Ingress, Gateway API route, Istio, Traefik, Contour, OpenShift, Emissary, APISIX, Kong or Knative route that something serves. Warn: the route has no data plane or status, its status refuses it, its port or another Service of it does not exist; a LoadBalancer or NodePort beside the gateway; an edge service that nobody can reach. Fail: a LoadBalancer, NodePort, hostPort or host network straight to an app. Services that are reached from inside only are not judged, nor are stores and brokers; one that can be reached from outside is noted. A route that leads to no Service at all is noted.',
    wrongWhen:
      'A reverse proxy inside an image is not visible as a gateway. Whether the gateway checks tokens or limits rates is not part of the verdict. A tunnel or a cloud’s own load balancer outside the cluster cannot be seen.',
    fix: 'Put an Ingress or a Gateway with routes before the services that people and partners reach, make their Services ClusterIP, and check tokens and rates there.',
  },
  judge,
  dangling: danglingRoutes,
});
