import type { GroupResource, PodObservation, ReadOutcome } from '../contract.ts';

/** A pruned object in Kubernetes' own shape: the same paths as in the API, so evidence paths are real. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
    /** Only manager, operation, subresource and time are kept. */
    managedFields?: { manager?: string; operation?: string; subresource?: string; time?: string }[];
  };
  [field: string]: unknown;
}

/** "Deployment shop/orders": how evidence names an object. */
export const nameOf = (object: KubeObject): string =>
  `${object.kind} ${object.metadata.namespace ? `${object.metadata.namespace}/` : ''}${object.metadata.name}`;

/** The file that an object came from. */
export interface Place {
  /** Below the folder that was named. */
  file: string;
  /** Line, from 1, at which a path of the object begins; without one, the object. */
  line(path?: string): number;
}

/** What a source read, and what became of every list it tried: the whole input of the judgement. */
export interface Snapshot {
  source: { kind: 'cluster' | 'recording' | 'manifests' | 'repository'; context: string; version: string };
  /** Version of the projection table that pruned the objects. */
  projection: number;
  /** Namespaces whose services are judged; null: all. */
  scope: readonly string[] | null;
  /** One a list: every resource of the table, per namespace where it was listed per namespace. */
  reads: readonly ReadOutcome[];
  /**
   * Everything that the API server serves, read or not, and the groups that it could not ask; undefined where it did not
   * tell. Says of kinds that a later version knows whether there could have been any.
   */
  served?: { resources: readonly GroupResource[]; unanswered: readonly string[] };
  /** By part id (`pods`, `destinationrules.networking.istio.io`), each sorted by namespace and name. */
  objects: ReadonlyMap<string, readonly KubeObject[]>;
  /** What running pods showed, sorted by namespace and pod; absent where nobody asked any. */
  observations?: readonly PodObservation[];
  /** Objects of a repository that are to be applied, by the same name: no controller has been at work on them. */
  planned?: ReadonlySet<string>;
  /** Namespaces of which others deliver to too: a Service that is not here may well be there. */
  shared?: ReadonlySet<string>;
  /** Where objects stand in files, by the name that evidence gives them: "Deployment shop/orders". */
  places?: ReadonlyMap<string, Place>;
}
