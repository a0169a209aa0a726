import type { GroupResource, NotJudged } from '../contract.ts';
import type { KubeObject, Snapshot } from '../sources/snapshot.ts';
import { type Told, toldTo } from './configuration/references.ts';
import { type Drawn, markOffered, takersOf } from './graph/address-lists.ts';
import { type Classification, classify } from './graph/classify.ts';
import { aliases, joinParties, type Party } from './graph/components.ts';
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
  subjects: readonly Party[];
  /** Everything, the platform too. */
  parties: readonly Party[];
  classOf(party: Party): Classification;
  told(party: Party): Told;
  edgesFrom(party: Party): readonly Edge[];
  edgesTo(party: Party): readonly Edge[];
  edges: readonly Edge[];
  /**
   * What hides addresses that a party uses: lists that were not read, and namespaces behind its addresses that were
   * not. What is said of those would be guessed. `business` leaves the namespaces behind its telemetry out.
   */
  hiddenFrom(party: Party, parts: readonly GroupResource[], which: 'business' | 'all'): string[];
  resolve(host: string, port: number | undefined, from: string): Destination;
  partyOf(service: KubeService): Party | undefined;
  service(namespace: string, name: string): KubeService | undefined;
  notJudged: readonly NotJudged[];
}

export function buildFacts(snapshot: Snapshot): Facts {
  const ledger = createLedger(snapshot.reads);
  const list = (part: GroupResource): readonly KubeObject[] => snapshot.objects.get(part) ?? [];
  const services = list('services').map(service);
  const workloads = findWorkloads(list);
  const parties = joinParties(services.filter(isDoor), workloads);
  const named = new Set(snapshot.scope ?? []);

  const configMaps = new Map(list('configmaps').map((object) => [keyOf(object), object]));
  const files = new Map();
  const toldBy = new Map<Party, Told>();
  for (const party of parties) {
    const each = party.workloads.map((workload) =>
      toldTo(workload, (namespace, name) => configMaps.get(`${namespace}/${name}`), files),
    );
    toldBy.set(party, {
      references: each.flatMap(({ references }) => references),
      settings: each.flatMap(({ settings }) => settings),
      secrets: [...new Set(each.flatMap(({ secrets }) => secrets))].sort(),
      secretUses: each.flatMap(({ secretUses }) => secretUses),
      missing: [...new Set(each.flatMap(({ missing }) => missing))].sort(),
    });
  }
  const told = (party: Party): Told =>
    toldBy.get(party) ?? { references: [], settings: [], secrets: [], secretUses: [], missing: [] };

  const partyByService = new Map<KubeService, Party>();
  for (const party of parties) for (const door of party.doors) partyByService.set(door, party);
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

  const classes = new Map(parties.map((party) => [party, classify(party, named)]));
  const classOf = (party: Party): Classification =>
    classes.get(party) ?? { class: 'nothing', because: '', certain: false };
  const resolved = parties.flatMap((party) =>
    told(party).references.map((reference) => ({
      party,
      reference,
      destination: lookUp(reference.host, reference.port, party.namespace),
    })),
  );
  // What callers call it: `mongodb://documentdb:10260` makes a store of whatever documentdb runs.
  for (const { reference, destination } of resolved) {
    if (destination.kind !== 'service' || !reference.scheme) continue;
    const target = partyByService.get(destination.service);
    const role = schemeRole(reference.scheme);
    if (target && role && classOf(target).class === 'application' && !classOf(target).certain)
      classes.set(target, { class: role, because: `callers address it as ${reference.scheme}://`, certain: true });
  }
  for (const party of parties) {
    const current = classOf(party);
    if (current.class === 'application' && !current.certain && ledger.complete('configmaps', party.namespace))
      classes.set(party, { ...current, certain: true });
  }

  const drawn: Drawn[] = [];
  for (const { party, reference, destination } of resolved) {
    const to = 'service' in destination ? partyByService.get(destination.service) : undefined;
    const edge = edgeOf(party, reference, destination, to, classOf);
    if (edge) drawn.push({ edge, reference });
  }
  const takers = takersOf(resolved.filter(({ party }) => classOf(party).class === 'application'));
  const edges = markOffered(drawn, takers);
  const from = groupBy(edges, (edge) => edge.from);
  const to = groupBy(
    edges.filter((edge) => edge.to),
    (edge) => edge.to as Party,
  );
  for (const party of parties) {
    const load = loadBehaviour(party, classOf(party), from.get(party) ?? []);
    if (load) classes.set(party, load);
  }

  const inScope = (namespace: string): boolean => snapshot.scope === null || named.has(namespace);
  const judged = (party: Party): boolean => ['application', 'store', 'broker'].includes(classOf(party).class);
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
    subjects: parties.filter((party) => inScope(party.namespace) && judged(party)),
    parties,
    classOf,
    told,
    edgesFrom: (party) => from.get(party) ?? [],
    edgesTo: (party) => to.get(party) ?? [],
    edges,
    hiddenFrom: (party, parts, which) => [
      ...ledger.gaps(parts, party.namespace),
      ...new Set(
        (from.get(party) ?? []).flatMap(({ destination, style, host }) =>
          destination === 'unread' && (which === 'all' || style !== 'platform')
            ? [`services behind ${host}: not read`]
            : [],
        ),
      ),
    ],
    resolve: lookUp,
    partyOf: (object) => partyByService.get(object),
    service: (namespace, name) => byKey.get(`${namespace}/${name}`),
    notJudged: notJudgedOf(parties, services, classOf, judged, inScope),
  };
}

/** The API server's own Service is nobody's, and those that Knative makes are its plumbing. */
const isDoor = (object: KubeService): boolean =>
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
  parties: readonly Party[],
  services: readonly KubeService[],
  classOf: (party: Party) => Classification,
  judged: (party: Party) => boolean,
  inScope: (namespace: string) => boolean,
): NotJudged[] {
  const platform = parties
    .filter((party) => !judged(party) && inScope(party.namespace))
    .map((party) => ({
      kind: party.service ? 'Service' : (party.workloads[0]?.kind ?? 'Workload'),
      namespace: party.namespace,
      name: party.name,
      reason: classOf(party).because,
    }));
  const out = aliases(services)
    .filter((object) => isDoor(object) && inScope(object.metadata.namespace ?? ''))
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
