import { append } from '../../../multimap.ts';
import type { Subject } from '../../contract.ts';
import { matches } from '../kubernetes/selectors.ts';
import { type KubeService, keyOf } from '../kubernetes/types.ts';
import { compare, type Workload } from '../kubernetes/workloads.ts';

/** A Service joined with the workloads behind it, or a workload that no Service selects: what one verdict is about. */
export interface Component {
  key: string;
  namespace: string;
  name: string;
  subject: Subject;
  /** The Service that gives the name. */
  primaryService?: KubeService;
  /** Every Service that leads to these pods and to those of no other service, the primary first. */
  services: KubeService[];
  /** Services that lead to these pods and to those of other services: ways in, and no sign of what this one is. */
  sharedServices: readonly KubeService[];
  workloads: Workload[];
  /** Set where Service and workload belong together by name only: the selector finds none of its pods. */
  detached?: true;
  /** Jobs that its selector finds, where it finds nothing else: their pods come and go. */
  runs?: readonly Workload[];
}

/** Every Service that leads to its pods, alone or together with others. */
export const waysInto = ({ services, sharedServices }: Component): KubeService[] => [...services, ...sharedServices];

const identityKeys = ['app', 'app.kubernetes.io/name', 'k8s-app', 'name'];
const partKey = /(^|\/)(component|tier|role)$/;

const selectorOf = ({ spec }: KubeService): Readonly<Record<string, string>> => spec.selector ?? {};

/** Its selector says which service it is; others say what the pods are part of. */
const identifies = (service: KubeService): boolean => identityKeys.some((key) => key in selectorOf(service));

/** It selects some of the pods of the other, by more than the other asks; not by another part of an application. */
function isVersionOf(service: KubeService, broad: KubeService): boolean {
  const [narrow, wide] = [selectorOf(service), selectorOf(broad)];
  return (
    Object.entries(wide).every(([key, value]) => narrow[key] === value) &&
    Object.keys(narrow).every((key) => key in wide || !partKey.test(key))
  );
}

/** It may lead to these pods: a port that it calls by name exists there. */
const reaches = ({ spec }: KubeService, workloads: readonly Workload[]): boolean =>
  (spec.ports ?? []).some(
    ({ targetPort }) =>
      typeof targetPort !== 'string' ||
      workloads.some((workload) =>
        [...workload.spec.containers, ...(workload.spec.initContainers ?? [])].some(({ ports }) =>
          (ports ?? []).some(({ name }) => name === targetPort),
        ),
      ),
  );

export const componentKey = (namespace: string, name: string): string => `${namespace}/${name}`;

const isAlias = ({ spec }: KubeService): boolean =>
  spec.type === 'ExternalName' || Object.keys(spec.selector ?? {}).length === 0;

/** Services without selector and ExternalNames lead out of the cluster or are filled by something else. */
export const aliases = (services: readonly KubeService[]): KubeService[] => services.filter(isAlias);

/** The API server's own Service is nobody's, and those that Knative makes are its plumbing. */
export const isOwned = (object: KubeService): boolean =>
  keyOf(object) !== 'default/kubernetes' &&
  !(object.metadata.ownerReferences ?? []).some(({ apiVersion }) =>
    /^(serving|networking\.internal)\.knative\.dev\//.test(apiVersion),
  );

/** Joins by selector. Each workload is in exactly one component, and so is each Service that selects one service's pods. */
export function joinComponents(services: readonly KubeService[], workloads: readonly Workload[]): Component[] {
  const selecting = services.filter((service) => !isAlias(service));
  // A migration carries the labels of the service that it belongs to: what runs to an end is behind no Service.
  const lasting = workloads.filter(({ kind }) => !isRun(kind));
  const runs = indexByLabel(workloads.filter(({ kind }) => isRun(kind)));
  const candidates = indexByLabel(lasting);
  const behind = new Map<KubeService, Workload[]>();
  for (const service of selecting) behind.set(service, candidates(service));
  const servicesOf = new Map<Workload, KubeService[]>();
  for (const [service, found] of behind) for (const workload of found) append(servicesOf, workload, service);

  // A Service over many workloads that have Services of their own (a metrics Service over everything) joins nothing.
  const isShared = (service: KubeService): boolean => {
    const found = behind.get(service) ?? [];
    const own = found.filter((workload) =>
      (servicesOf.get(workload) ?? []).some((other) => behind.get(other)?.length === 1),
    );
    if (found.length < 2 || own.length < 2) return false;
    const narrower = found
      .flatMap((workload) => servicesOf.get(workload) ?? [])
      .filter((other) => (behind.get(other)?.length ?? 0) < found.length);
    return !(identifies(service) && narrower.every((other) => isVersionOf(other, service)));
  };
  const joining = selecting.filter((service) => !isShared(service));
  const joins = new Set(joining);

  const components: Component[] = [];
  const taken = new Set<Workload>();
  const joined = new Set<KubeService>();
  for (const service of [...joining].sort((a, b) => (behind.get(b)?.length ?? 0) - (behind.get(a)?.length ?? 0))) {
    if (joined.has(service)) continue;
    const members = new Set<Workload>();
    const own = new Set<KubeService>();
    const visit = (service: KubeService): void => {
      if (own.has(service) || joined.has(service)) return;
      own.add(service);
      for (const workload of behind.get(service) ?? []) {
        if (taken.has(workload) || members.has(workload)) continue;
        members.add(workload);
        for (const other of servicesOf.get(workload) ?? []) if (joins.has(other)) visit(other);
      }
    };
    visit(service);
    for (const each of own) joined.add(each);
    for (const workload of members) taken.add(workload);
    components.push(componentOf([...own], [...members], behind));
  }
  const alone = workloads
    .filter((workload) => !taken.has(workload))
    .map((workload) => componentOf([], [workload], behind));
  // It names nobody, and leads in all the same.
  for (const component of [...components, ...alone]) {
    const over = new Set(component.workloads.flatMap((workload) => servicesOf.get(workload) ?? []));
    component.sharedServices = [...over].filter(
      (service) => !joins.has(service) && reaches(service, component.workloads),
    );
  }
  return overRuns(attach(components, alone), runs).sort(
    (a, b) => compare(a.key, b.key) || compare(a.subject.kind, b.subject.kind),
  );
}

/** A Service that selects nothing and a workload of the same name that nothing selects are one component with a broken selector. */
function attach(components: Component[], alone: Component[]): Component[] {
  const empty = new Map(
    components.filter(({ workloads }) => workloads.length === 0).map((component) => [component.key, component]),
  );
  const rest: Component[] = [];
  for (const component of alone) {
    const broken = isRun(component.workloads[0]?.kind ?? '') ? undefined : empty.get(component.key);
    if (!broken) rest.push(component);
    else {
      broken.workloads = component.workloads;
      broken.detached = true;
      empty.delete(component.key);
    }
  }
  return [...components, ...rest];
}

const isRun = (kind: string): boolean => /Job$/.test(kind);

/**
 * Services that find Jobs alone. A headless one is how the pods of a Job find each other, and belongs to it; the Jobs of
 * others are remembered.
 */
function overRuns(components: readonly Component[], runsOf: (service: KubeService) => Workload[]): Component[] {
  const taken = new Set<Workload>();
  for (const component of components) {
    const service = component.primaryService;
    if (!service || component.workloads.length > 0) continue;
    const found = runsOf(service);
    if (found.length === 0) continue;
    if (service.spec.clusterIP !== 'None') component.runs = found;
    else {
      component.workloads = found;
      for (const run of found) taken.add(run);
    }
  }
  return components.filter(
    ({ primaryService, workloads }) => primaryService || !workloads.some((run) => taken.has(run)),
  );
}

function componentOf(
  services: KubeService[],
  workloads: Workload[],
  behind: ReadonlyMap<KubeService, Workload[]>,
): Component {
  const members = [...workloads].sort((a, b) => compare(a.name, b.name));
  const rank = (service: KubeService): number[] => [
    -(behind.get(service)?.length ?? 0),
    members.some(({ name }) => name === service.metadata.name) ? 0 : 1,
    (service.spec.type ?? 'ClusterIP') === 'ClusterIP' && service.spec.clusterIP !== 'None' ? 0 : 1,
  ];
  const ordered = [...services].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const index = left.findIndex((value, position) => value !== right[position]);
    return index < 0 ? compare(a.metadata.name, b.metadata.name) : (left[index] ?? 0) - (right[index] ?? 0);
  });
  const service = ordered[0];
  const namespace = service?.metadata.namespace ?? members[0]?.namespace ?? '';
  const name = service?.metadata.name ?? members[0]?.name ?? '';
  return {
    key: componentKey(namespace, name),
    namespace,
    name,
    subject: { kind: service ? 'Service' : 'Workload', namespace, name },
    ...(service ? { primaryService: service } : {}),
    services: ordered,
    sharedServices: [],
    workloads: members,
  };
}

/** Finds what a selector matches by its rarest label, so that a thousand Services over thousands of workloads stay quick. */
function indexByLabel(workloads: readonly Workload[]): (service: KubeService) => Workload[] {
  const index = new Map<string, Workload[]>();
  for (const workload of workloads) {
    for (const labels of labelSets(workload))
      for (const [key, value] of Object.entries(labels)) {
        const at = `${workload.namespace}/${key}=${value}`;
        const list = index.get(at);
        if (!list) index.set(at, [workload]);
        else if (list.at(-1) !== workload) list.push(workload);
      }
  }
  return ({ metadata, spec }) => {
    const selector = spec.selector ?? {};
    const lists = Object.entries(selector).map(
      ([key, value]) => index.get(`${metadata.namespace ?? ''}/${key}=${value}`) ?? [],
    );
    const rarest = lists.sort((a, b) => a.length - b.length)[0] ?? [];
    return [...new Set(rarest)].filter((workload) => labelSets(workload).some((labels) => matches(selector, labels)));
  };
}

/** The template's labels, and those of pods that carry more (a StatefulSet's pod name, a hash, Knative's own). */
const labelSets = (workload: Workload) => {
  const live = workload.pods.slice(0, 20).map(({ metadata }) => metadata.labels ?? {});
  return [workload.podLabels, ...(workload.copy ? [workload.copy] : []), ...live];
};
