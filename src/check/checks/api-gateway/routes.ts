import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
import { isInScope } from '../../inventory/scope.ts';
import { hasReadyEndpoints } from '../../inventory/traffic/endpoint-slices.ts';
import { lostPort } from '../../inventory/traffic/routes/ends-at-port.ts';
import type { Route } from '../../inventory/traffic/routes/route.ts';
import { missingEnds } from '../../inventory/traffic/routes/routes.ts';
import { unread } from '../define/define-check.ts';
import type { Dangling, Found } from './reasons.ts';

/** Kinds in whose status a controller says whether it took them up; other kinds say nothing of it. */
const told =
  /^(Ingress|HTTPRoute|GRPCRoute|TLSRoute|TCPRoute|UDPRoute|Route|HTTPProxy|VirtualServer|VirtualServerRoute|TransportServer) /;

const fixOf = (object: string): string =>
  told.test(object)
    ? `Install the controller that ${object} is meant for, or correct what its status says: kubectl describe ${object.replace(/^(\S+) ([^/]+)\/(.+)$/, '$1 -n $2 $3')}`
    : `Run the gateway that ${object} is meant for, or make it name one that runs.`;

const reasons = { pending: 'ROUTE_NOT_SERVED', refused: 'ROUTE_REFUSED', unclear: 'ROUTE_UNCLEAR' } as const;

/** Nothing says that a gateway serves it. */
function judgeState({ state, why, fix, evidence }: Route): Found[] {
  if (state === 'accepted') return [];
  const { object } = evidence;
  return [
    {
      status: state === 'unclear' ? 'unknown' : 'warn',
      reason: reasons[state],
      message: `${object} leads to it, but ${why}`,
      evidence: [told.test(object) ? { object, path: 'status' } : evidence],
      fix: fix ?? fixOf(object),
      key: object,
    },
  ];
}

function judgePort(route: Route, component: Component): Found[] {
  const lost = lostPort(route, component);
  const { object } = route.evidence;
  return lost
    ? [
        {
          status: 'warn',
          reason: 'ROUTE_TO_NOTHING',
          message: `${object} leads to ${lost}`,
          evidence: [route.evidence],
          fix: 'Correct the port in the route, or name the port so in the Service.',
          key: `${object} port`,
        },
      ]
    : [];
}

/** Other ends of a route that leads to it too: part of what comes in is lost there. */
const judgeOtherEnds = ({ evidence: { object } }: Route, facts: Facts): Found[] =>
  (missingEnds(facts).get(object) ?? []).map(({ namespace, name, end, evidence }) => ({
    ...(end === 'absent'
      ? {
          status: 'warn' as const,
          reason: 'ROUTE_TO_NOTHING',
          message: `${object} leads to it and also to Service ${namespace}/${name}, which does not exist: part of what comes in ends there`,
          evidence: [evidence],
          fix: `Deploy ${name}, or correct the route.`,
        }
      : unread(
          [{ resource: 'services', namespace, outcome: 'skipped' }],
          `Nobody can say whether all of ${object} resolves`,
        )),
    key: `${object} ${name}`,
  }));

function judgePods({ service, evidence }: Route, component: Component, facts: Facts): Found[] {
  const serving = service && hasReadyEndpoints(facts, service);
  if (!service || serving) return [];
  const { object } = evidence;
  if (serving === undefined)
    return [
      {
        ...unread(
          facts.ledger.gaps(['endpointslices.discovery.k8s.io'], component.namespace),
          'Nobody can say whether the route ends at a ready pod',
        ),
        key: `${object} slices`,
      },
    ];
  const asleep = component.workloads.length > 0 && component.workloads.every(({ wanted }) => wanted === 0);
  return asleep
    ? []
    : [
        {
          status: 'warn',
          reason: 'ROUTE_TO_NOTHING',
          message: `${object} leads to ${nameOf(service)}, and no pod behind that is ready`,
          evidence: [evidence],
          fix: 'See service-discovery: its selector, or why its pods are not ready.',
          key: `${object} pods`,
        },
      ];
}

/** What is wrong with the routes that lead to it, each fault of an object once. */
export function judgeRoutes(component: Component, routes: readonly Route[], facts: Facts): Found[] {
  const found = routes.flatMap((route) => [
    ...judgeState(route),
    ...judgePort(route, component),
    ...judgeOtherEnds(route, facts),
    ...judgePods(route, component, facts),
  ]);
  return [...new Map(found.map((each) => [each.key, each])).values()];
}

/** Routes whose Service does not exist: they belong to nobody, and whoever follows them finds nothing. */
export const danglingRoutes = (facts: Facts): Dangling[] =>
  [...missingEnds(facts).values()]
    .flat()
    .filter(({ namespace, end }) => isInScope(namespace, facts) && end === 'absent')
    .map(({ namespace, name, evidence }) => ({
      object: evidence.object,
      reason: 'ROUTE_TO_NOTHING',
      message: `${evidence.object} leads to Service ${namespace}/${name}, which does not exist`,
      evidence: [evidence],
      fix: `Deploy ${name}, or correct the route.`,
      key: `${namespace}/${name}`,
    }));
