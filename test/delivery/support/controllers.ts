import type { Api, Json } from '../../cluster/api.ts';
import { apply } from '../../cluster/apply.ts';
import { definitions } from '../../cluster/definitions.ts';

/** Definitions of what the platform and the delivery stand on; their controllers are played here. */
export const kinds = definitions([
  {
    group: 'gateway.networking.k8s.io',
    versions: ['v1'],
    kind: 'GatewayClass',
    plural: 'gatewayclasses',
    scope: 'Cluster',
  },
  { group: 'gateway.networking.k8s.io', versions: ['v1'], kind: 'Gateway', plural: 'gateways' },
  { group: 'gateway.networking.k8s.io', versions: ['v1'], kind: 'HTTPRoute', plural: 'httproutes' },
  { group: 'argoproj.io', versions: ['v1alpha1'], kind: 'Application', plural: 'applications' },
]);

const gateways = '/apis/gateway.networking.k8s.io/v1';
const met = (...types: string[]) => types.map((type) => ({ type, status: 'True', reason: type }));
const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');

const merge = (cluster: Api, path: string, body: Json) =>
  cluster.send('PATCH', path, body, 'application/merge-patch+json');

const report = (cluster: Api, path: string, status: Json) => merge(cluster, `${path}/status`, { status });

/** What a gateway's controller says once it has taken over class, gateway and route. */
export async function playGateway(cluster: Api, route: { namespace: string; name: string }): Promise<void> {
  await report(cluster, `${gateways}/gatewayclasses/public`, { conditions: met('Accepted') });
  await report(cluster, `${gateways}/namespaces/gateway/gateways/public`, {
    conditions: met('Accepted', 'Programmed'),
    addresses: [{ type: 'IPAddress', value: '192.0.2.10' }],
  });
  await report(cluster, `${gateways}/namespaces/${route.namespace}/httproutes/${route.name}`, {
    parents: [
      {
        controllerName: 'gateway.envoyproxy.io/gatewayclass-controller',
        parentRef: { name: 'public', namespace: 'gateway' },
        conditions: met('Accepted', 'ResolvedRefs'),
      },
    ],
  });
}

/** Argo CD: applies an application's objects with its mark on them, and says that they are as they should be. */
export async function playArgo(cluster: Api, name: string, namespace: string, objects: readonly Json[]): Promise<void> {
  const marked = objects.map(({ metadata, ...object }) => {
    const id = `${name}:${groupOf(object.apiVersion)}/${object.kind}:${namespace}/${metadata.name}`;
    const annotations = { ...metadata.annotations, 'argocd.argoproj.io/tracking-id': id };
    return { ...object, metadata: { ...metadata, annotations } };
  });
  await apply(cluster, marked, { namespace, manager: 'argocd-controller' });
  await report(cluster, applicationPath(name), {
    sync: { status: 'Synced' },
    health: { status: 'Healthy' },
    resources: objects.map(({ apiVersion, kind, metadata }) => ({
      group: groupOf(apiVersion),
      version: apiVersion.split('/').at(-1),
      kind,
      name: metadata.name,
      namespace,
      status: 'Synced',
    })),
  });
}

/** Without Argo CD nobody would finish the deletion of its application. */
export const releaseApplication = (cluster: Api, name: string) =>
  merge(cluster, applicationPath(name), { metadata: { finalizers: null } });

const applicationPath = (name: string) => `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/${name}`;
