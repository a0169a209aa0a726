import type { GroupResource, NotJudged } from '../contract.ts';
import type { KubeObject, Snapshot } from '../sources/snapshot.ts';
import { type Configuration, configurationOf } from './configuration/references.ts';
import { type Drawn, markOffered, takersOf } from './graph/address-lists.ts';
import { type Classification, classify } from './graph/classify.ts';
import { aliases, type Component, joinComponents } from './graph/components.ts';
import { type Destination, resolve } from './graph/dns.ts';
import { type Edge, edgeOf } from './graph/edges.ts';
import { loadBehaviour } from './graph/load-generator.ts';
import { service } from './kubernetes/decode.ts';
import { text } from './kubernetes/fields.ts';
import { type KubeService, keyOf, nameOf, type Pod } from './kubernetes/types.ts';
import { compare, findWorkloads, workloadParts } from './kubernetes/workloads.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { schemeRole } from './technologies/schemes.ts';

/** Parts whose objects are subjects, or name them: without one of them there is no score. */
export const subjectParts: readonly GroupResource[] = ['services', 'pods', ...workloadParts];

/** Everything that checks may ask. Built once a run; pure. */
export interface Facts {
  source: Snapshot['source'];
  scope: Snapshot['scope'];
  ledger: Ledger;
  list(part: GroupResource): readonly KubeObject[];
  /** At least one such object was seen, in that namespace or anywhere. */
  has(part: GroupResource, namespace?: string): boolean;
  /** true: none exists. false: one was seen. undefined: nobody knows. */
  provenAbsent(part: GroupResource, namespace?: string): boolean | undefined;
  /** What is judged: applications, stores and brokers within the scope, sorted. */
  subjects: readonly Component[];
  /** Everything, the platform too. */
  components: readonly Component[];
  classOf(component: Component): Classification;
  configuration(component: Component): Configuration;
  edgesFrom(component: Component): readonly Edge[];
  edgesTo(component: Component): readonly Edge[];
  edges: readonly Edge[];
  /**
   * What hides addresses that a component uses: lists that were not read, and namespaces behind its addresses that were
   * not. What is said of those would be guessed. `business` leaves the namespaces behind its telemetry out.
   */
  hiddenFrom(component: Component, parts: readonly GroupResource[], which: 'business' | 'all'): string[];
  resolve(host: string, port: number | undefined, from: string): Destination;
  componentOf(service: KubeService): Component | undefined;
  service(namespace: string, name: string): KubeService | undefined;
  notJudged: readonly NotJudged[];
}

export function buildFacts(snapshot: Snapshot): Facts {
  const ledger = createLedger(snapshot.reads);
  const list = (part: GroupResource): readonly KubeObject[] => snapshot.objects.get(part) ?? [];
  const services = list('services').map(service);
  const workloads = findWorkloads(list);
  const components = joinComponents(services.filter(isOwned), workloads);
  const named = new Set(snapshot.scope ?? []);

  const configMaps = new Map(list('configmaps').map((object) => [keyOf(object), object]));
  const files = new Map();
  const configurations = new Map<Component, Configuration>();
  for (const component of components) {
    const each = component.workloads.map((workload) =>
      configurationOf(workload, (namespace, name) => configMaps.get(`${namespace}/${name}`), files),
    );
    configurations.set(component, {
      references: each.flatMap(({ references }) => references),
      settings: each.flatMap(({ settings }) => settings),
      secrets: [...new Set(each.flatMap(({ secrets }) => secrets))].sort(),
      secretUses: each.flatMap(({ secretUses }) => secretUses),
      missing: [...new Set(each.flatMap(({ missing }) => missing))].sort(),
    });
  }
  const configuration = (component: Component): Configuration =>
    configurations.get(component) ?? { references: [], settings: [], secrets: [], secretUses: [], missing: [] };

  const componentByService = new Map<KubeService, Component>();
  for (const component of components)
    for (const service of component.services) componentByService.set(service, component);
  const byKey = new Map(services.map((object) => [keyOf(object), object]));
  const directory = {
    services: byKey,
    namespaces: namespacesOf(snapshot),
    addresses: addressesOf(services, list('pods') as readonly Pod[]),
    complete: (namespace: string) => ledger.complete('services', namespace),
    allNamespaces: ledger.complete('namespaces') || ledger.complete('services'),
  };
  const lookUp = (host: string, port: number | undefined, from: string): Destination =>
    resolve(host, port, from, directory);

  const classes = new Map(components.map((component) => [component, classify(component, named)]));
  const classOf = (component: Component): Classification =>
    classes.get(component) ?? { class: 'nothing', because: '', certain: false };
  const resolved = components.flatMap((component) =>
    configuration(component).references.map((reference) => ({
      component,
      reference,
      destination: lookUp(reference.host, reference.port, component.namespace),
    })),
  );
  // What callers call it: `mongodb://documentdb:10260` makes a store of whatever documentdb runs.
  for (const { reference, destination } of resolved) {
    if (destination.kind !== 'service' || !reference.scheme) continue;
    const target = componentByService.get(destination.service);
    const role = schemeRole(reference.scheme);
    if (target && role && classOf(target).class === 'application' && !classOf(target).certain)
      classes.set(target, { class: role, because: `callers address it as ${reference.scheme}://`, certain: true });
  }
  for (const component of components) {
    const current = classOf(component);
    if (current.class === 'application' && !current.certain && ledger.complete('configmaps', component.namespace))
      classes.set(component, { ...current, certain: true });
  }

  const drawn: Drawn[] = [];
  for (const { component, reference, destination } of resolved) {
    const to = 'service' in destination ? componentByService.get(destination.service) : undefined;
    const edge = edgeOf(component, reference, destination, to, classOf);
    if (edge) drawn.push({ edge, reference });
  }
  const takers = takersOf(resolved.filter(({ component }) => classOf(component).class === 'application'));
  const edges = markOffered(drawn, takers);
  const from = groupBy(edges, (edge) => edge.from);
  const to = groupBy(
    edges.filter((edge) => edge.to),
    (edge) => edge.to as Component,
  );
  for (const component of components) {
    const load = loadBehaviour(component, classOf(component), from.get(component) ?? []);
    if (load) classes.set(component, load);
  }

  const inScope = (namespace: string): boolean => snapshot.scope === null || named.has(namespace);
  const judged = (component: Component): boolean =>
    ['application', 'store', 'broker'].includes(classOf(component).class);
  const has = (part: GroupResource, namespace?: string): boolean =>
    namespace === undefined
      ? list(part).length > 0
      : list(part).some(({ metadata }) => metadata.namespace === namespace);
  return {
    source: snapshot.source,
    scope: snapshot.scope,
    ledger,
    list,
    has,
    provenAbsent: (part, namespace) =>
      has(part, namespace) ? false : ledger.complete(part, namespace) ? true : undefined,
    subjects: components.filter((component) => inScope(component.namespace) && judged(component)),
    components,
    classOf,
    configuration,
    edgesFrom: (component) => from.get(component) ?? [],
    edgesTo: (component) => to.get(component) ?? [],
    edges,
    hiddenFrom: (component, parts, which) => [
      ...ledger.gaps(parts, component.namespace),
      ...new Set(
        (from.get(component) ?? []).flatMap(({ destination, style, host }) =>
          destination === 'unread' && (which === 'all' || style !== 'platform')
            ? [`services behind ${host}: not read`]
            : [],
        ),
      ),
    ],
    resolve: lookUp,
    componentOf: (object) => componentByService.get(object),
    service: (namespace, name) => byKey.get(`${namespace}/${name}`),
    notJudged: notJudgedOf(components, services, classOf, judged, inScope),
  };
}

/** The API server's own Service is nobody's, and those that Knative makes are its plumbing. */
const isOwned = (object: KubeService): boolean =>
  keyOf(object) !== 'default/kubernetes' &&
  !(object.metadata.ownerReferences ?? []).some(({ apiVersion }) =>
    /^(serving|networking\.internal)\.knative\.dev\//.test(apiVersion),
  );

function groupBy<K, T>(list: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of list) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

const namespacesOf = (snapshot: Snapshot): ReadonlySet<string> => {
  const names = new Set((snapshot.objects.get('namespaces') ?? []).map(({ metadata }) => metadata.name));
  for (const { metadata } of snapshot.objects.get('services') ?? [])
    if (metadata.namespace) names.add(metadata.namespace);
  return names;
};

function addressesOf(services: readonly KubeService[], pods: readonly Pod[]): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  // Pods on the node's own network share its address.
  for (const pod of pods) if (pod.status?.podIP && !pod.spec?.hostNetwork) known.set(pod.status.podIP, nameOf(pod));
  for (const object of services) {
    const ip = text(object.spec.clusterIP);
    if (ip && ip !== 'None') known.set(ip, nameOf(object));
  }
  return known;
}

function notJudgedOf(
  components: readonly Component[],
  services: readonly KubeService[],
  classOf: (component: Component) => Classification,
  judged: (component: Component) => boolean,
  inScope: (namespace: string) => boolean,
): NotJudged[] {
  const platform = components
    .filter((component) => !judged(component) && inScope(component.namespace))
    .map((component) => ({
      kind: component.primaryService ? 'Service' : (component.workloads[0]?.kind ?? 'Workload'),
      namespace: component.namespace,
      name: component.name,
      reason: classOf(component).because,
    }));
  const out = aliases(services)
    .filter((object) => isOwned(object) && inScope(object.metadata.namespace ?? ''))
    .map(({ metadata, spec }) => ({
      kind: 'Service',
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      reason:
        spec.type === 'ExternalName'
          ? 'an alias for a name outside (ExternalName)'
          : 'has no selector: nothing here runs behind it',
    }));
  return [...platform, ...out].sort(
    (a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name) || compare(a.kind, b.kind),
  );
}
