import { gatewayBreakers } from '../../inventory/breakers/gateways.ts';
import type { Facts } from '../../inventory/facts.ts';
import { at, fields, items, text } from '../../inventory/kubernetes/fields.ts';
import { nameOf, namespaceOf } from '../../inventory/kubernetes/types.ts';
import { workloadParts } from '../../inventory/kubernetes/workloads.ts';
import { perRun } from '../../inventory/per-run.ts';
import { isInScope } from '../../inventory/scope.ts';
import { appIds } from '../../inventory/traffic/dapr.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Dangling } from './reasons.ts';

const namespaceIn = (object: string): string => /^\S+ ([^/]+)\//.exec(object)?.[1] ?? '';

const told = {
  unused: { reason: 'BREAKER_UNUSED', fix: () => 'Attach it where it is meant to work.' },
  refused: {
    reason: 'BREAKER_REFUSED',
    fix: (look: string) => `It is attached already: correct what its status says (${look}).`,
  },
  pending: {
    reason: 'BREAKER_NOT_TAKEN_UP',
    fix: (look: string) =>
      `It is attached already: run the controller that it is meant for, and see its status (${look}).`,
  },
} as const;

/** Policies of gateways that no route uses, or that nobody took up. */
const ofGateways = (facts: Facts): Dangling[] =>
  gatewayBreakers(facts).flatMap(({ idle, evidence, technology }) => {
    if (!idle || !isInScope(namespaceIn(evidence.object), facts)) return [];
    const { reason, fix } = told[idle.kind];
    return [
      {
        object: evidence.object,
        reason,
        message: `the breaker of ${technology} does nothing: ${idle.why}`,
        evidence: [evidence],
        fix: fix(`kubectl describe ${evidence.object.replace(/^(\S+) ([^/]+)\/(.+)$/, '$1 -n $2 $3')}`),
      },
    ];
  });

/** Whether a rule is about failures or limits at all: one that only sets TLS, or names subsets, is no breaker. */
function isBreaker(rule: KubeObject): boolean {
  const policies = [
    at(rule, 'spec', 'trafficPolicy'),
    ...items(at(rule, 'spec', 'subsets')).map((subset) => at(subset, 'trafficPolicy')),
  ];
  return policies
    .flatMap((policy) => [policy, ...items(at(policy, 'portLevelSettings'))])
    .some((policy) => at(policy, 'outlierDetection') !== undefined || at(policy, 'connectionPool') !== undefined);
}

/** Breakers of Istio about a host that nobody gives; a wildcard is for whatever comes. */
const ofIstio = (facts: Facts): Dangling[] =>
  facts.list('destinationrules.networking.istio.io').flatMap((rule) => {
    const namespace = namespaceOf(rule);
    const host = text(at(rule, 'spec', 'host'));
    if (!host || host.startsWith('*') || !isInScope(namespace, facts) || !isBreaker(rule)) return [];
    if (facts.resolve(host, undefined, namespace).kind !== 'absent') return [];
    return [
      {
        object: nameOf(rule),
        reason: 'BREAKER_UNUSED',
        message: `${nameOf(rule)} is about ${host}, and there is no such Service, ServiceEntry or ServiceImport`,
        evidence: [{ object: nameOf(rule), path: 'spec.host', value: host }],
        fix: 'Correct spec.host (a short name is one of the rule’s own namespace), or deploy what it is about.',
      },
    ];
  });

/** Ids of Dapr by namespace. */
const idsByNamespace = perRun((facts): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>();
  for (const { namespace, workloads } of facts.components)
    for (const id of workloads.flatMap(appIds)) found.set(namespace, (found.get(namespace) ?? new Set()).add(id));
  return found;
});
const has = (namespace: string, id: string, facts: Facts): boolean =>
  idsByNamespace(facts).get(namespace)?.has(id) ?? false;

/** "orders.billing": an app of another namespace. */
function isElsewhere(target: string, facts: Facts): boolean {
  const [id = '', namespace] = target.split('.');
  return namespace !== undefined && (!facts.ledger.complete('pods', namespace) || has(namespace, id, facts));
}

/** Policies of Dapr for an app that nothing runs. */
const ofDapr = (facts: Facts): Dangling[] =>
  facts.list('resiliencies.dapr.io').flatMap((resiliency) => {
    const namespace = resiliency.metadata.namespace ?? '';
    const complete = ['pods', ...workloadParts].every((part) => facts.ledger.complete(part, namespace));
    if (!complete || !isInScope(namespace, facts)) return [];
    return Object.keys(fields(at(resiliency, 'spec', 'targets', 'apps')))
      .filter((target) => !has(namespace, target, facts) && !isElsewhere(target, facts))
      .map((target) => ({
        object: nameOf(resiliency),
        reason: 'BREAKER_UNUSED',
        message: `${nameOf(resiliency)} is about calls to ${target}, and nothing in ${namespace} has that dapr.io/app-id`,
        evidence: [{ object: nameOf(resiliency), path: `spec.targets.apps.${target}` }],
        fix: 'Correct the app id, or deploy what it is about.',
      }));
  });

export const danglingBreakers = (facts: Facts): Dangling[] => [
  ...ofGateways(facts),
  ...ofIstio(facts),
  ...ofDapr(facts),
];
