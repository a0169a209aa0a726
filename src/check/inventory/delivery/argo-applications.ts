import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import { at, items, text } from '../kubernetes/fields.ts';
import type { Workload } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';

/** Where Argo CD says what it delivers. */
export const argoApplications = 'applications.argoproj.io';

const keyOf = (kind: unknown, namespace: unknown, name: unknown): string => `${kind} ${namespace ?? ''}/${name}`;

/** One of a hub lists what it delivers to other clusters too. */
const isOfAnotherCluster = (application: KubeObject): boolean => {
  const destination = at(application, 'spec', 'destination');
  const [server, name] = [text(at(destination, 'server')), text(at(destination, 'name'))];
  return server ? server !== 'https://kubernetes.default.svc' : name !== undefined && name !== 'in-cluster';
};

/** By what each lists as its own; an object that several list belongs to the first by name. */
const byObject = perRun((facts): ReadonlyMap<string, KubeObject> => {
  const found = new Map<string, KubeObject>();
  for (const application of facts.list(argoApplications).filter((each) => !isOfAnotherCluster(each)))
    for (const resource of items(at(application, 'status', 'resources'))) {
      const key = keyOf(at(resource, 'kind'), text(at(resource, 'namespace')), at(resource, 'name'));
      if (!found.has(key)) found.set(key, application);
    }
  return found;
});

/** The Application whose status lists a workload: the only proof, since charts set the label that Argo CD uses too. */
export const argoApplicationOf = ({ kind, namespace, name }: Workload, facts: Facts): KubeObject | undefined =>
  byObject(facts).get(keyOf(kind, namespace, name)) ?? byObject(facts).get(keyOf(kind, '', name));
