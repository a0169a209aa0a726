import { groupBy } from '../../../multimap.ts';
import type { Evidence } from '../../contract.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { at } from '../kubernetes/fields.ts';
import { type Labels, matches } from '../kubernetes/selectors.ts';
import { type KubeService, nameOf } from '../kubernetes/types.ts';
import { readyPods, type Workload, workloadName } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';

/** A Service for a role that none of its pods has now: the read-only one of a database that runs alone. */
export interface VacantRole {
  /** What says so: "the role replica of Cluster orders-db". */
  what: string;
  /** Pods that are ready in another role. */
  others: number;
  evidence: Evidence;
}

/** Values that an operator writes on pods, and takes from them, as they change places. */
const roleNames =
  /^(replicas?|standby|standbys|slave|secondary|follower|read-?only|primary|master|leader|arbiter|learner)$/i;
const isRole = (key: string, value: string): boolean => /role$/i.test(key) && roleNames.test(value);

/** The resource that an operator makes it for. */
const makerOf = ({ metadata }: KubeService) =>
  (metadata.ownerReferences ?? []).find(({ apiVersion }) => apiVersion.includes('.'));

const byNamespace = perRun((facts) =>
  groupBy(
    facts.components.flatMap(({ workloads }) => workloads),
    ({ namespace }) => namespace,
  ),
);

/** What Argo Rollouts adds to the selectors of a Rollout's Services, to tell its versions apart. */
const versionLabel = 'rollouts-pod-template-hash';

/** The Service for the next version of a Rollout, of which there are no pods: nothing is rolled out, or it was broken off. */
function nextVersion(service: KubeService, workloads: readonly Workload[]): VacantRole | undefined {
  const { [versionLabel]: version, ...rest } = service.spec.selector ?? {};
  if (version === undefined) return undefined;
  const rollout = workloads.find(({ kind, object, podLabels }) => {
    const strategy = at(object, 'spec', 'strategy');
    const next = [at(strategy, 'canary', 'canaryService'), at(strategy, 'blueGreen', 'previewService')];
    return kind === 'Rollout' && next.includes(service.metadata.name) && matches(rest, podLabels);
  });
  if (!rollout) return undefined;
  return {
    what: `the next version of ${workloadName(rollout)}`,
    others: readyPods(rollout).length,
    evidence: { object: nameOf(service), path: `spec.selector["${versionLabel}"]`, value: version },
  };
}

/** Of a Service whose selector finds nothing; undefined where nothing says that this may be meant. */
export function vacantRole(component: Component, facts: Facts): VacantRole | undefined {
  const { primaryService: service, namespace } = component;
  if (!service || component.workloads.length > 0) return undefined;
  const next = nextVersion(service, byNamespace(facts).get(namespace) ?? []);
  if (next) return next;
  const selector = Object.entries(service.spec.selector ?? {});
  const role = selector.find(([key, value]) => isRole(key, value));
  const maker = makerOf(service);
  if (!role && !maker) return undefined;
  const rest: Labels = Object.fromEntries(selector.filter((entry) => entry !== role));
  const peers = (byNamespace(facts).get(namespace) ?? []).filter(
    (workload) =>
      (role && workload.pods.some(({ metadata }) => matches(rest, metadata.labels ?? {}))) || makes(maker, workload),
  );
  if (!maker && peers.length === 0) return undefined;
  const of = maker ? ` of ${maker.kind} ${maker.name}` : '';
  return {
    what: role ? `the role ${role[1]}${of}` : `${maker?.kind} ${maker?.name}`,
    others: peers.reduce((sum, workload) => sum + readyPods(workload).length, 0),
    evidence: maker
      ? { object: nameOf(service), path: 'metadata.ownerReferences', value: `${maker.kind} ${maker.name}` }
      : { object: nameOf(service), path: `spec.selector["${role?.[0]}"]`, value: role?.[1] ?? '' },
  };
}

const makes = (maker: ReturnType<typeof makerOf>, { kind, name, object }: Workload): boolean =>
  maker !== undefined &&
  ((kind === maker.kind && name === maker.name) ||
    (object?.metadata.ownerReferences ?? []).some(({ kind, name }) => kind === maker.kind && name === maker.name));
