import type { KubeObject } from '../snapshot.ts';

const given = /^kube-api-access-[a-z0-9]{5}$/;
const one = 'kube-api-access';

interface Named {
  name?: unknown;
}
interface Spec {
  volumes?: Named[];
  containers?: { volumeMounts?: Named[] }[];
  initContainers?: { volumeMounts?: Named[] }[];
}

/**
 * Admission gives the volume with a pod's token a name that no other pod has. Under one name pods of a template are alike,
 * and what they have in common is in memory once. Changes the object, which must be the caller's own.
 */
export function nameTokensAlike({ spec }: KubeObject): void {
  const { volumes, containers, initContainers } = (spec ?? {}) as Spec;
  for (const list of [volumes, ...[containers, initContainers].flatMap((all) => mountsOf(all))])
    if (Array.isArray(list))
      for (const item of list) if (typeof item?.name === 'string' && given.test(item.name)) item.name = one;
}

const mountsOf = (containers: Spec['containers']): (Named[] | undefined)[] =>
  Array.isArray(containers) ? containers.map((container) => container?.volumeMounts) : [];
