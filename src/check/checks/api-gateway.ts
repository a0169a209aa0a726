import type { Evidence } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { hasReadyEndpoints } from '../inventory/traffic/endpoint-slices.ts';
import { directExposures, exposureOf } from '../inventory/traffic/exposure.ts';
import { ownGateway } from '../inventory/traffic/own-gateway.ts';
import { routeParts, routeStateParts } from '../inventory/traffic/routes/routes.ts';
import { judgeExposures, judgeOwnGateway } from './api-gateway/exposures.ts';
import { judgeLockedEdge } from './api-gateway/locked-edge.ts';
import { type Found, type Judgement, reasons } from './api-gateway/reasons.ts';
import { danglingRoutes, judgeRoutes } from './api-gateway/routes.ts';
import { decidedBy, defineCheck, notApplicable, unread } from './define/define-check.ts';
import { unclearClass } from './define/unclear-class.ts';

/** A store or broker has no users to let in by a gateway; that it can be reached from outside is said all the same. */
function judgeBackend(component: Component, facts: Facts): Judgement {
  const what = facts.classOf(component).class === 'store' ? 'a data store' : 'a broker';
  const exposures = directExposures(component, []).filter(({ kind }) => kind !== 'later');
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

/** Nothing that HTTP could come in by leads to it. */
function judgeClosed(component: Component, findings: readonly Found[], facts: Facts): Judgement {
  const lost = facts.hiddenFrom(component, [...routeParts, 'services', 'pods', 'configmaps'], 'business');
  if (lost.length > 0)
    return decidedBy([...findings, unread(lost, 'Nobody can say whether it is reached from outside')]);
  const foreign = findings.find(({ reason }) => reason === 'NOT_FOR_HTTP');
  const locked = foreign ? undefined : judgeLockedEdge(component, facts);
  if (locked) return decidedBy([...findings, locked]);
  if (!facts.classOf(component).certain) return decidedBy(findings);
  return foreign
    ? notApplicable('NOT_FOR_HTTP', foreign.message, foreign.evidence, [foreign])
    : notApplicable('NOT_EXPOSED', 'nothing outside the cluster leads to it: it is reached from inside only');
}

const notReady = (evidence: Evidence): Found => ({
  status: 'warn',
  reason: 'ROUTE_NOT_SERVED',
  message: 'Knative has not made it ready',
  evidence: [evidence],
  fix: 'kubectl describe ksvc says why.',
});

const noneReady: Found = {
  status: 'note',
  reason: 'NONE_READY',
  message: 'no pod of it is ready',
  fix: 'See service-discovery.',
};

function judge(component: Component, facts: Facts): Judgement {
  const classification = facts.classOf(component);
  if (classification.class !== 'application') return judgeBackend(component, facts);
  const { routes, direct: exposures, knative } = exposureOf(component, facts);
  const gaps = facts.ledger.gaps([...routeParts, 'services'], component.namespace);
  const beside = routes.length > 0 || knative !== undefined;
  // A route that was not read could make a bypass of what is open, and its settings a gateway of itself.
  const doubts = facts.ledger.gaps([...(beside ? [] : [...routeParts, 'services']), 'configmaps'], component.namespace);
  const isOpen = exposures.some(({ kind }) => kind !== 'not-http');
  const gateway = isOpen ? ownGateway(component, facts) : undefined;
  const findings: Found[] = [
    ...(classification.certain ? [] : [unclearClass(component, facts)]),
    ...judgeRoutes(component, routes, facts),
    ...(knative && !knative.ready ? [notReady(knative.evidence)] : []),
    ...(gateway
      ? judgeOwnGateway(gateway, facts.ledger.gaps(['configmaps'], component.namespace))
      : judgeExposures(exposures, beside, doubts)),
  ];
  if (!beside && !isOpen) return judgeClosed(component, findings, facts);
  if (gaps.length > 0 && !isOpen) findings.push(unread(gaps, 'Another way in may stand where nobody looked'));
  if (component.primaryService && hasReadyEndpoints(facts, component.primaryService) !== true) findings.push(noneReady);
  const names = [...routes.map(({ evidence }) => evidence.object), ...(knative ? [knative.evidence.object] : [])];
  return {
    level: 'wired',
    reason: beside ? 'BEHIND_A_GATEWAY' : 'IS_A_GATEWAY',
    message: beside
      ? `reached only through ${[...new Set(names)].join(', ')}, which is served`
      : `it is a gateway itself (${gateway?.technology}), and leads to ${gateway?.routesTo.join(', ')}`,
    evidence: [
      ...routes.map(({ evidence }) => evidence),
      ...exposures.map(({ evidence }) => evidence),
      ...(knative ? [knative.evidence] : []),
      ...(gateway ? [gateway.evidence] : []),
    ],
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
      'Every way in from outside. Pass: reached only through an Ingress, Gateway API route, Istio, Traefik, Contour, OpenShift, Emissary, APISIX, Kong, NGINX, AWS, Google or Knative route that something serves, or a gateway itself, whose own routes are visible (Spring Cloud Gateway, YARP, Ocelot, Express Gateway, KrakenD, Envoy, NGINX, one generated here). Warn: the route has no data plane or status, its status refuses it, its port or another Service of it does not exist; a LoadBalancer or NodePort beside the gateway; an internal balancer straight to an app; what looks like a gateway and shows no routes; an edge service that nobody can reach. Fail: a LoadBalancer, NodePort, hostPort or host network straight to an app. Node ports of a cloud’s own balancer are part of its route. Services that are reached from inside only, or by what no HTTP gateway can carry (UDP, DNS, mail), are not judged, nor are stores and brokers; one that can be reached from outside is noted. A route that leads to no Service at all is noted.',
    wrongWhen:
      'A reverse proxy whose configuration is inside its image is not visible as a gateway. Whether the gateway checks tokens or limits rates is not part of the verdict. A tunnel or a cloud’s own load balancer outside the cluster cannot be seen.',
    fix: 'Put an Ingress or a Gateway with routes before the services that people and partners reach, make their Services ClusterIP, and check tokens and rates there.',
  },
  judge,
  dangling: danglingRoutes,
});
