import { expect, test } from 'vitest';
import apiGateway from '../../../../src/check/checks/api-gateway.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

const service = workload('it', '{ name: it, image: "shop/it:1", ports: [{ containerPort: 80 }] }') + serviceOf('it');
/** The program that serves routes which carry no status of their own. */
const program = (image: string) =>
  workload('gateway', `{ name: gateway, image: "${image}" }`, {
    metadata: ', namespace: edge',
    podLabels: ', istio: ingress',
  });
const object = (apiVersion: string, kind: string, name: string, spec: string, status = '') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n${status ? `status: ${status}\n` : ''}---\n`;
const condition = (type: string, status = 'True') => `{ type: ${type}, status: "${status}" }`;

const judge = (yaml: string) => verdictOf(yaml, apiGateway);

const api = 'gateway.networking.k8s.io/v1';
const taken = `{ parents: [{ conditions: [${condition('Accepted')}, ${condition('ResolvedRefs')}] }] }`;
const gateway = (status: string) =>
  object(api, 'Gateway', 'edge', '{}', `{ conditions: [${condition('Programmed', status)}] }`);
const listeners = object(
  api,
  'ListenerSet',
  'more',
  '{ parentRef: { name: edge } }',
  `{ conditions: [${condition('Programmed')}] }`,
);
const routed = (kind: string, version = 'v1', parent = '{ name: edge }') =>
  object(
    `gateway.networking.k8s.io/${version}`,
    kind,
    'it',
    `{ parentRefs: [${parent}], rules: [{ backendRefs: [{ name: it, port: 80 }] }] }`,
    taken,
  );
const traefik = (kind: string, group = 'traefik.io') =>
  object(`${group}/v1alpha1`, kind, 'it', '{ routes: [{ services: [{ name: it, port: 80 }] }] }');
const contour = (status: string) =>
  object('projectcontour.io/v1', 'HTTPProxy', 'it', '{ routes: [{ services: [{ name: it, port: 80 }] }] }', status);
const openshift = (status: string) => object('route.openshift.io/v1', 'Route', 'it', '{ to: { name: it } }', status);
const mapping = object('getambassador.io/v3alpha1', 'Mapping', 'it', '{ service: "it:80" }');
const apisix = object(
  'apisix.apache.org/v2',
  'ApisixRoute',
  'it',
  '{ http: [{ backends: [{ serviceName: it, servicePort: 80 }] }] }',
);
const binding = (status: string) =>
  object('elbv2.k8s.aws/v1beta1', 'TargetGroupBinding', 'it', '{ serviceRef: { name: it, port: 80 } }', status);
const kong = object(
  'configuration.konghq.com/v1beta1',
  'TCPIngress',
  'it',
  '{ rules: [{ backend: { serviceName: it, servicePort: 80 } }] }',
);
const istio =
  object('networking.istio.io/v1', 'Gateway', 'edge', '{ selector: { istio: ingress } }') +
  object(
    'networking.istio.io/v1',
    'VirtualService',
    'it',
    '{ gateways: [edge], http: [{ route: [{ destination: { host: it, port: { number: 80 } } }] }] }',
  );
const ingress = (status: string) =>
  object(
    'networking.k8s.io/v1',
    'Ingress',
    'it',
    '{ rules: [{ http: { paths: [{ backend: { service: { name: it, port: { number: 80 } } } }] } }] }',
    status,
  );

test.each<[what: string, served: string, unserved: string]>([
  ['Ingress', ingress('{ loadBalancer: { ingress: [{ ip: 192.0.2.1 }] } }'), ingress('')],
  ['HTTPRoute', routed('HTTPRoute') + gateway('True'), routed('HTTPRoute') + gateway('False')],
  ['GRPCRoute', routed('GRPCRoute') + gateway('True'), routed('GRPCRoute') + gateway('False')],
  ['TLSRoute', routed('TLSRoute', 'v1alpha3') + gateway('True'), routed('TLSRoute', 'v1alpha3')],
  ['TCPRoute', routed('TCPRoute', 'v1alpha2') + gateway('True'), routed('TCPRoute', 'v1alpha2')],
  ['UDPRoute', routed('UDPRoute', 'v1alpha2') + gateway('True'), routed('UDPRoute', 'v1alpha2')],
  [
    'HTTPRoute of a ListenerSet',
    routed('HTTPRoute', 'v1', '{ kind: ListenerSet, name: more }') + listeners,
    routed('HTTPRoute', 'v1', '{ kind: ListenerSet, name: gone }'),
  ],
  ['Istio VirtualService', istio + program('istio/proxyv2:1.27.0'), istio],
  ['Traefik IngressRoute', traefik('IngressRoute') + program('traefik:v3.5'), traefik('IngressRoute')],
  ['Traefik IngressRouteTCP', traefik('IngressRouteTCP') + program('traefik:v3.5'), traefik('IngressRouteTCP')],
  [
    'Traefik of the old group',
    traefik('IngressRoute', 'traefik.containo.us') + program('traefik:v2.9'),
    traefik('IngressRoute', 'traefik.containo.us'),
  ],
  ['Contour', contour(`{ conditions: [${condition('Valid')}] }`), contour('')],
  [
    'OpenShift',
    openshift(`{ ingress: [{ conditions: [${condition('Admitted')}] }] }`),
    openshift(`{ ingress: [{ conditions: [${condition('Admitted', 'False')}] }] }`),
  ],
  ['Emissary', mapping + program('docker.io/emissaryingress/emissary:3.9.1'), mapping],
  ['APISIX', apisix + program('apache/apisix:3.13.0'), apisix],
  ['AWS', binding('{ observedGeneration: 1 }'), binding('')],
  ['Kong TCPIngress', kong + program('kong:3.9'), kong],
])('%s: served, and not served', (_, served, unserved) => {
  expect(judge(service + served)).toBe('pass BEHIND_A_GATEWAY');
  expect(judge(service + unserved)).toBe('warn ROUTE_NOT_SERVED');
});

test('a route whose status refuses it', () => {
  const refused = routed('HTTPRoute').replace(condition('Accepted'), condition('Accepted', 'False'));
  expect(judge(service + refused + gateway('True'))).toBe('warn ROUTE_REFUSED');
  expect(judge(service + contour(`{ conditions: [${condition('Valid', 'False')}] }`))).toBe('warn ROUTE_REFUSED');
});
