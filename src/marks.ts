/**
 * The annotations and labels that join the two halves: the generator writes them on a service's objects,
 * `check-cluster` compares them with what it sees. Alone they are evidence of level `declared`, never more.
 */
export const annotation = {
  /** Bounded context that the service belongs to. */
  context: 'msvc.dev/context',
  /** Team that owns the service. */
  owner: 'msvc.dev/owner',
  /** Version of create-microservice that rendered the manifests. */
  generator: 'msvc.dev/generator',
  /** Comma-separated names of the services called synchronously. */
  calls: 'msvc.dev/calls',
  /** Comma-separated subjects published. */
  publishes: 'msvc.dev/publishes',
  /** Comma-separated subjects subscribed to. */
  subscribes: 'msvc.dev/subscribes',
} as const;

/** Waives one check on an object or a namespace; the value is the reason and must not be empty. */
export const ignoreAnnotation = (checkId: string): string => `${ignorePrefix}${checkId}`;
export const ignorePrefix = 'msvc.dev/ignore-';

export const label = {
  app: 'app',
  name: 'app.kubernetes.io/name',
  version: 'app.kubernetes.io/version',
  partOf: 'app.kubernetes.io/part-of',
  managedBy: 'app.kubernetes.io/managed-by',
} as const;
