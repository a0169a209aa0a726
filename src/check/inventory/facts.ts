import type { Gap, GroupResource, NotJudged, PodObservation } from '../contract.ts';
import { type KubeObject, nameOf, type Snapshot } from '../sources/snapshot.ts';
import { configurations } from './configuration/per-component.ts';
import type { Configuration } from './configuration/references.ts';
import type { ComponentClass } from './graph/classify.ts';
import { type Component, isOwned, joinComponents } from './graph/components.ts';
import { directoryOf } from './graph/directory.ts';
import { type Destination, resolve } from './graph/dns.ts';
import { drawGraph, type Graph } from './graph/draw.ts';
import { notJudgedOf } from './graph/not-judged.ts';
import { service } from './kubernetes/decode.ts';
import { type KubeService, keyOf } from './kubernetes/types.ts';
import { findWorkloads, workloadParts } from './kubernetes/workloads.ts';
import { behind, createLedger, type Ledger } from './ledger.ts';

/** Parts whose objects are subjects, or name them: without one of them there is no score. */
export const subjectParts: readonly GroupResource[] = ['services', 'pods', ...workloadParts];

/** Classes that are somebody's service, store or broker. */
const judgedClasses: ReadonlySet<ComponentClass> = new Set(['application', 'store', 'broker']);

/** Everything that checks may ask. Built once a run; pure. */
export interface Facts extends Graph {
  source: Snapshot['source'];
  /** It stands in files that are to be applied, and no controller has been at work on it. */
  isPlanned(object: KubeObject | undefined): boolean;
  /** Others deliver to that namespace too, and nobody looked what. */
  isShared(namespace: string): boolean;
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
  configuration(component: Component): Configuration;
  /**
   * What hides addresses that a component uses: lists that were not read, and namespaces behind its addresses that were
   * not. What is said of those would be guessed. `business` leaves the namespaces behind its telemetry out.
   */
  hiddenFrom(component: Component, parts: readonly GroupResource[], which: 'business' | 'all'): Gap[];
  resolve(host: string, port: number | undefined, from: string): Destination;
  componentOf(service: KubeService): Component | undefined;
  service(namespace: string, name: string): KubeService | undefined;
  /** What its pods showed when they were asked; empty where none was, which says nothing about it. */
  observations(component: Component): readonly PodObservation[];
  notJudged: readonly NotJudged[];
}

export function buildFacts(snapshot: Snapshot): Facts {
  const ledger = createLedger(snapshot.reads);
  const list = (part: GroupResource): readonly KubeObject[] => snapshot.objects.get(part) ?? [];
  const services = list('services').map(service);
  const components = joinComponents(services.filter(isOwned), findWorkloads(list));
  const componentByService = new Map(
    components.flatMap((component) => component.services.map((each) => [each, component] as const)),
  );
  const componentOf = (object: KubeService): Component | undefined => componentByService.get(object);
  const directory = directoryOf(snapshot, services, ledger);
  const lookUp = (host: string, port: number | undefined, from: string): Destination =>
    resolve(host, port, from, directory);
  const configuration = configurations(components, list('configmaps'));
  const named = new Set(snapshot.scope ?? []);
  const graph = drawGraph({ components, named, ledger, configuration, resolve: lookUp, componentOf });

  const inScope = (namespace: string): boolean => snapshot.scope === null || named.has(namespace);
  const judged = (component: Component): boolean => judgedClasses.has(graph.classOf(component).class);
  const has = (part: GroupResource, namespace?: string): boolean =>
    namespace === undefined
      ? list(part).length > 0
      : list(part).some(({ metadata }) => metadata.namespace === namespace);
  return {
    ...graph,
    source: snapshot.source,
    isPlanned: (object) => object !== undefined && (snapshot.planned?.has(nameOf(object)) ?? false),
    isShared: (namespace) => snapshot.shared?.has(namespace) ?? false,
    scope: snapshot.scope,
    ledger,
    list,
    has,
    provenAbsent: (part, namespace) =>
      has(part, namespace) ? false : ledger.complete(part, namespace) ? true : undefined,
    subjects: components.filter((component) => inScope(component.namespace) && judged(component)),
    components,
    configuration,
    hiddenFrom: (component, parts, which) => [
      ...ledger.gaps(parts, component.namespace),
      ...[
        ...new Set(
          graph
            .edgesFrom(component)
            .filter(({ destination, style }) => destination === 'unread' && (which === 'all' || style !== 'platform'))
            .map(({ host }) => host),
        ),
      ].map(behind),
    ],
    resolve: lookUp,
    componentOf,
    service: (namespace, name) => directory.services.get(`${namespace}/${name}`),
    observations: observationsOf(snapshot.observations),
    notJudged: notJudgedOf(components, services, graph.classOf, judged, inScope),
  };
}

/** The same, with what pods showed when they were asked: nothing else that is known of them rests on it. */
export const withObservations = (facts: Facts, observations: readonly PodObservation[]): Facts => ({
  ...facts,
  observations: observationsOf(observations),
});

function observationsOf(observations: readonly PodObservation[] = []): Facts['observations'] {
  const shown = new Map(observations.map((one) => [`${one.namespace}/${one.pod}`, one]));
  return ({ workloads }) =>
    shown.size === 0 ? [] : workloads.flatMap(({ pods }) => pods.flatMap((pod) => shown.get(keyOf(pod)) ?? []));
}
