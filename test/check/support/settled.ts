import { at, fields } from '../../../src/check/inventory/kubernetes/fields.ts';
import { matches } from '../../../src/check/inventory/kubernetes/selectors.ts';
import type { KubeObject } from '../../../src/check/sources/snapshot.ts';

type Labels = Record<string, string>;

const makesPods = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Rollout',
  'ReplicationController',
  'DeploymentConfig',
  'CloneSet',
]);

/**
 * What Kubernetes' own controllers make of such objects: pods that are ready, and the slices of their Services. Spares
 * the fixtures what every cluster adds; where a fixture holds pods of its own, those are taken as they are.
 */
export function settled(objects: readonly KubeObject[]): KubeObject[] {
  const own = new Set(
    objects.filter(({ kind }) => kind === 'Pod').map(({ metadata }) => metadata.ownerReferences?.[0]?.name),
  );
  const made = objects.filter(({ kind, metadata }) => makesPods.has(kind) && !own.has(metadata.name)).flatMap(podsOf);
  const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } };
  const pods = [...objects.filter(({ kind }) => kind === 'Pod'), ...made];
  const slices = objects
    .filter(
      (object) =>
        object.kind === 'Service' &&
        object.apiVersion === 'v1' &&
        Object.keys(fields(at(object, 'spec', 'selector'))).length > 0,
    )
    .map((service) => sliceOf(service, pods));
  const has = (kind: string): boolean => objects.some((object) => object.kind === kind);
  return [...objects, ...made, ...(has('EndpointSlice') ? [] : slices), ...(has('Node') ? [] : [node])];
}

function podsOf(owner: KubeObject): KubeObject[] {
  const template = fields(at(owner, 'spec', 'template'));
  const replicas = owner.kind === 'DaemonSet' ? 1 : ((at(owner, 'spec', 'replicas') as number | undefined) ?? 1);
  return Array.from({ length: replicas }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${owner.metadata.name}-${index}`,
      ...(owner.metadata.namespace ? { namespace: owner.metadata.namespace } : {}),
      labels: (at(template, 'metadata', 'labels') as Labels | undefined) ?? {},
      annotations: (at(template, 'metadata', 'annotations') as Labels | undefined) ?? {},
      ownerReferences: [
        { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: '', controller: true },
      ],
    },
    spec: { ...fields(template['spec']), nodeName: 'node-1' },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }));
}

function sliceOf(service: KubeObject, pods: readonly KubeObject[]): KubeObject {
  const selector = at(service, 'spec', 'selector') as Labels;
  const behind = pods.filter(
    ({ metadata }) => metadata.namespace === service.metadata.namespace && matches(selector, metadata.labels ?? {}),
  );
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service.metadata.name}-1`,
      ...(service.metadata.namespace ? { namespace: service.metadata.namespace } : {}),
      labels: { 'kubernetes.io/service-name': service.metadata.name },
    },
    endpoints: behind.map((pod) => {
      const conditions = (at(pod, 'status', 'conditions') as { type: string; status: string }[] | undefined) ?? [];
      const ready = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
      return {
        conditions: { ready, serving: ready, terminating: false },
        targetRef: { kind: 'Pod', name: pod.metadata.name },
      };
    }),
    ports: (at(service, 'spec', 'ports') as unknown[] | undefined) ?? [],
  };
}
