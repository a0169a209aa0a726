import { append } from '../../../multimap.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import type { Edge } from '../graph/edges.ts';
import { portOf } from '../graph/edges.ts';
import { amount, at, items, text, texts } from '../kubernetes/fields.ts';
import { isExportedTo } from '../kubernetes/istio-export.ts';
import { selects } from '../kubernetes/selectors.ts';
import { type KubeService, keyOf, nameOf } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';
import { entriesOf } from '../traffic/routes/istio.ts';
import { type Breaker, type BreakerTechnology, breakerOf } from './breaker.ts';

const rules = 'destinationrules.networking.istio.io';
const routes = 'virtualservices.networking.istio.io';

/** Where Istio looks for rules that hold for everybody, unless its installation says otherwise. */
const rootNamespaces = ['istio-system', 'aks-istio-system'];

interface Index {
  /** Rules whose host is written out, and routes, by the Service they are about. */
  rules: ReadonlyMap<string, readonly KubeObject[]>;
  wildcards: readonly KubeObject[];
  /** Virtual services for calls inside the mesh, by the Services that are their hosts. */
  routes: ReadonlyMap<string, readonly KubeObject[]>;
  /** Subsets that such routes send calls to, by the Service; '' stands for none. */
  subsets: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Made once a run: there may be as many rules as services, and more calls than either. */
const indexOf = perRun((facts): Index => {
  // A host is relative to the namespace of the object that names it.
  const serviceOf = (host: unknown, object: KubeObject): string | undefined => {
    const name = text(host);
    const found = name ? facts.resolve(name, undefined, object.metadata.namespace ?? '') : undefined;
    return found && 'service' in found ? keyOf(found.service) : undefined;
  };
  const byService = new Map<string, KubeObject[]>();
  const byHost = new Map<string, KubeObject[]>();
  const subsets = new Map<string, Set<string>>();
  const wildcards: KubeObject[] = [];
  const add = (map: Map<string, KubeObject[]>, key: string | undefined, object: KubeObject): void => {
    if (key) append(map, key, object);
  };
  for (const rule of facts.list(rules)) {
    if (text(at(rule, 'spec', 'host'))?.startsWith('*')) wildcards.push(rule);
    else add(byService, serviceOf(at(rule, 'spec', 'host'), rule), rule);
  }
  for (const route of facts.list(routes).filter(inMesh)) {
    for (const key of new Set(texts(at(route, 'spec', 'hosts')).map((host) => serviceOf(host, route))))
      add(byHost, key, route);
    for (const { entry, object } of entriesOf(route, facts))
      for (const target of items(at(entry, 'route'))) {
        const key = serviceOf(at(target, 'destination', 'host'), object);
        const subset = text(at(target, 'destination', 'subset')) ?? '';
        if (key) subsets.set(key, (subsets.get(key) ?? new Set()).add(subset));
      }
  }
  const index = { rules: byService, wildcards, routes: byHost, subsets };
  return index;
});

const wildcardFits = (rule: KubeObject, { metadata }: KubeService): boolean =>
  `${metadata.name}.${metadata.namespace}.svc.cluster.local`.endsWith((text(at(rule, 'spec', 'host')) ?? '').slice(1));

/** Only rules that are exported to the caller, and that do not pick other callers, concern it. */
function isMeantFor(rule: KubeObject, { from }: Edge): boolean {
  const namespace = rule.metadata.namespace ?? '';
  const picked = at(rule, 'spec', 'workloadSelector');
  return (
    isExportedTo(rule, from.namespace) &&
    (picked === undefined ||
      (namespace === from.namespace && from.workloads.every(({ podLabels }) => selects(picked, podLabels))))
  );
}

/**
 * The rules that Istio uses for a call, and those it passes over: it looks in the caller's namespace, then the
 * service's, then the root's, stops at the first that has one, and takes a written-out host before a wildcard.
 */
function rulesFor(edge: Edge, facts: Facts): { rule: KubeObject; inert?: string }[] {
  const { service } = edge;
  if (!service) return [];
  const { rules: byService, wildcards } = indexOf(facts);
  const fitting = [
    ...(byService.get(keyOf(service)) ?? []).map((rule) => ({ rule, host: 'named' })),
    ...wildcards.filter((rule) => wildcardFits(rule, service)).map((rule) => ({ rule, host: 'wildcard' })),
  ].filter(({ rule }) => isMeantFor(rule, edge));
  const places = [edge.from.namespace, edge.service?.metadata.namespace ?? '', ...rootNamespaces];
  const place = places.find((namespace) => fitting.some(({ rule }) => rule.metadata.namespace === namespace));
  const near = fitting.filter(({ rule }) => rule.metadata.namespace === place);
  const used = near.some(({ host }) => host === 'named') ? near.filter(({ host }) => host === 'named') : near;
  const instead = used[0] && nameOf(used[0].rule);
  return fitting.map((each) =>
    used.includes(each)
      ? { rule: each.rule }
      : {
          rule: each.rule,
          inert: instead
            ? `for this call Istio takes ${instead} instead`
            : 'Istio looks for rules in the namespaces of the caller and the service and in its root namespace only',
        },
  );
}

/** 5xx errors trip at 5 unless set to 0; gateway errors and failures of its own only where they are set. */
const tripsAtAll = (outlier: unknown): boolean =>
  (amount(at(outlier, 'consecutive5xxErrors')) ?? amount(at(outlier, 'consecutiveErrors')) ?? 5) > 0 ||
  (amount(at(outlier, 'consecutiveGatewayErrors')) ?? 0) > 0 ||
  (at(outlier, 'splitExternalLocalOriginErrors') === true &&
    (amount(at(outlier, 'consecutiveLocalOriginFailures')) ?? 5) > 0);

/**
 * Virtual services that hold for calls inside the mesh: one of a gateway only says nothing about them, and one without
 * hosts holds where another hands over to it.
 */
const inMesh = (route: KubeObject): boolean => {
  if (texts(at(route, 'spec', 'hosts')).length === 0) return false;
  const gateways = texts(at(route, 'spec', 'gateways'));
  return gateways.length === 0 || gateways.includes('mesh');
};

/** The subsets that routes send calls to; '' stands for none, which is also where calls go without any route. */
const routedSubsets = ({ service }: Edge, facts: Facts): ReadonlySet<string> =>
  (service && indexOf(facts).subsets.get(keyOf(service))) ?? new Set(['']);

interface Policy {
  policy: unknown;
  path: string;
  unclear?: true;
  inert?: string;
  partly?: string;
}

/** The policies of a rule as they reach a call: a port's own replaces the general one, a subset's is added to it. */
function policiesOf(rule: KubeObject, edge: Edge, facts: Facts): Policy[] {
  const top = at(rule, 'spec', 'trafficPolicy');
  const port = portOf(edge);
  const levels = items(at(top, 'portLevelSettings'));
  const own = levels.findIndex((level) => port !== undefined && at(level, 'port', 'number') === port);
  const subsets = items(at(rule, 'spec', 'subsets')).map((subset, index) => ({
    name: text(at(subset, 'name')) ?? '',
    policy: at(subset, 'trafficPolicy'),
    path: `spec.subsets[${index}].trafficPolicy`,
  }));
  const routed = routedSubsets(edge, facts);
  const off = subsets.find(({ name, policy }) => {
    const outlier = at(policy, 'outlierDetection');
    return routed.has(name) && outlier !== undefined && !tripsAtAll(outlier);
  });
  const bare = [...routed].filter(
    (name) => !subsets.some((subset) => subset.name === name && at(subset.policy, 'outlierDetection') !== undefined),
  );
  const general: Policy[] =
    own >= 0
      ? [
          { policy: top, path: 'spec.trafficPolicy', inert: `the settings of port ${port} replace it` },
          { policy: levels[own], path: `spec.trafficPolicy.portLevelSettings[${own}]` },
        ]
      : [
          {
            policy: top,
            path: 'spec.trafficPolicy',
            ...(port === undefined && levels.length > 0
              ? { partly: 'single ports have settings of their own, and the address names no port' }
              : {}),
          },
        ];
  return [
    ...general.map((each) => (off ? { ...each, partly: `the subset ${off.name} switches it off` } : each)),
    ...subsets.map(({ name, policy, path }): Policy => {
      // A route of a namespace that was not read may lead there.
      if (!routed.has(name) && !facts.ledger.complete(routes)) return { policy, path, unclear: true };
      if (!routed.has(name)) return { policy, path, inert: `no route sends calls to its subset ${name}` };
      const others = bare.map((other) => (other === '' ? 'no subset' : other)).join(', ');
      return { policy, path, ...(others ? { partly: `routes also send calls to ${others}, without it` } : {}) };
    }),
  ];
}

function guards(edge: Edge, facts: Facts): Breaker[] {
  const found: Breaker[] = [];
  for (const { rule, inert: passedOver } of rulesFor(edge, facts)) {
    for (const { policy, path, inert, partly, unclear = false } of policiesOf(rule, edge, facts)) {
      const outlier = at(policy, 'outlierDetection');
      const off =
        outlier !== undefined && !tripsAtAll(outlier)
          ? 'both of its error counts are 0, which switches it off'
          : undefined;
      const state = { inert: passedOver ?? inert, partly, unclear };
      if (outlier !== undefined)
        found.push(
          breakerOf('Istio DestinationRule', 'trips', rule, `${path}.outlierDetection`, {
            ...state,
            inert: state.inert ?? off,
          }),
        );
      if (at(policy, 'connectionPool') !== undefined)
        found.push(breakerOf('Istio DestinationRule', 'limits', rule, `${path}.connectionPool`, state));
    }
  }
  for (const route of (edge.service && indexOf(facts).routes.get(keyOf(edge.service))) ?? []) {
    const limits = entriesOf(route, facts).find(
      ({ entry }) => at(entry, 'timeout') !== undefined || at(entry, 'retries') !== undefined,
    );
    if (limits) found.push(breakerOf('Istio VirtualService', 'limits', limits.object, limits.path));
  }
  return found;
}

export const istio: BreakerTechnology = {
  name: 'Istio',
  mesh: 'istio',
  // In ambient mode a waypoint, which is a Gateway, stands for the proxy.
  parts: [rules, routes, 'gateways.gateway.networking.k8s.io'],
  guards,
};
