import { append } from '../../../multimap.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { at, items, text } from '../kubernetes/fields.ts';
import type { Workload } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';

/** Where Argo CD says what it delivers. */
export const argoApplications = 'applications.argoproj.io';

/** One of a hub lists what it delivers to other clusters too. */
export const isOfAnotherCluster = (application: KubeObject): boolean => {
  const destination = at(application, 'spec', 'destination');
  const [server, name] = [text(at(destination, 'server')), text(at(destination, 'name'))];
  return server ? server !== 'https://kubernetes.default.svc' : name !== undefined && name !== 'in-cluster';
};

const keyOf = (kind: unknown, namespace: unknown, name: unknown): string => `${kind} ${namespace ?? ''}/${name}`;

interface Holding {
  application: KubeObject;
  group: string;
}

/** By what each lists as its own. */
const byObject = perRun((facts): ReadonlyMap<string, readonly Holding[]> => {
  const found = new Map<string, Holding[]>();
  for (const application of facts.list(argoApplications).filter((each) => !isOfAnotherCluster(each)))
    for (const resource of items(at(application, 'status', 'resources'))) {
      const key = keyOf(at(resource, 'kind'), text(at(resource, 'namespace')), at(resource, 'name'));
      append(found, key, { application, group: text(at(resource, 'group')) ?? '' });
    }
  return found;
});

/**
 * The Application whose status lists an object: the only proof, since charts set the label that Argo CD uses too. Of
 * several the first by name. Without a group: of whatever group.
 */
export function argoApplicationOf(
  { kind, namespace, name, group }: Pick<Workload, 'kind' | 'namespace' | 'name'> & { group?: string },
  facts: Facts,
): KubeObject | undefined {
  const held = [keyOf(kind, namespace, name), keyOf(kind, '', name)].flatMap((key) => byObject(facts).get(key) ?? []);
  return held.find((each) => group === undefined || each.group === group)?.application;
}
