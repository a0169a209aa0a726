import type { Json } from './api.ts';

/** A custom resource as tests need it: group, served versions (the first is stored), kind; its fields are not checked. */
export interface CustomKind {
  group: string;
  versions: readonly string[];
  kind: string;
  plural: string;
  scope?: 'Namespaced' | 'Cluster';
}

/** CustomResourceDefinitions that take anything: what a project's own schema would refuse is not what these tests test. */
export const definitions = (kinds: readonly CustomKind[]): Json[] =>
  kinds.map(({ group, versions, kind, plural, scope = 'Namespaced' }) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // Groups under k8s.io are protected: the server wants to know who agreed.
      ...(group.endsWith('k8s.io') && { annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' } }),
    },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        subresources: { status: {} },
      })),
    },
  }));
