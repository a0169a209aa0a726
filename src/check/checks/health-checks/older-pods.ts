import { at } from '../../inventory/kubernetes/fields.ts';
import type { Container } from '../../inventory/kubernetes/types.ts';
import { isKnative, readyPods, type Workload, workloadName } from '../../inventory/kubernetes/workloads.ts';
import { words } from './probe.ts';
import type { Found } from './reasons.ts';

/** Ready pods of a version before, without the probes of the template: what runs is not what is written down yet. */
export function judgeOlderPods(workload: Workload, container: Container): Found[] {
  // Knative asks the app from a container of its own, and takes the readiness probe out of the app's.
  if (workload.specPath !== 'spec.template.spec' || isKnative(workload.object)) return [];
  const wanted = (['readinessProbe', 'livenessProbe'] as const).filter((name) => container[name]);
  const ready = readyPods(workload);
  const older = ready.flatMap(({ metadata, spec }) => {
    const index = spec.containers.findIndex(({ name }) => name === container.name);
    const lacks = wanted.filter((name) => index >= 0 && !spec.containers[index]?.[name]);
    return lacks.length > 0 ? [{ name: metadata.name, index, lacks }] : [];
  });
  const [first] = older;
  if (!first) return [];
  const who = workloadName(workload);
  const paused = at(workload.object, 'spec', 'paused') === true;
  const probes = wanted.filter((name) => older.some(({ lacks }) => lacks.includes(name))).map((name) => words[name]);
  return [
    {
      status: 'warn',
      reason: 'OLDER_PODS_WITHOUT_PROBES',
      message: `${older.length} of ${ready.length} ready pods of ${who} ${older.length === 1 ? 'runs' : 'run'} without the ${probes.join(' and ')} ${probes.length > 1 ? 'probes' : 'probe'} of its template: its rollout is ${paused ? 'paused' : 'under way or stuck'}`,
      evidence: first.lacks.map((name) => ({
        object: `Pod ${workload.namespace}/${first.name}`,
        path: `spec.containers[${first.index}].${name}`,
        value: 'not set',
      })),
      fix: `Let the rollout end: kubectl rollout ${paused ? 'resume' : 'status'} ${workload.kind.toLowerCase()}/${workload.name} -n ${workload.namespace}`,
      key: `${workload.name}/older`,
    },
  ];
}
