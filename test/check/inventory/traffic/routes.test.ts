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
const traefikSplit = (split: string, group = 'traefik.io') =>
  object(`${group}/v1alpha1`, 'TraefikService', 'split', split) +
  object(
    `${group}/v1alpha1`,
    'IngressRoute',
    'it',
    '{ routes: [{ services: [{ kind: TraefikService, name: split }] }] }',
  );
const nginx = (kind: string, status: string) =>
  object('k8s.nginx.org/v1', kind, 'it', '{ upstreams: [{ name: it, service: it, port: 80 }] }', status);
const delegated = (from: string) =>
  object('networking.istio.io/v1', 'Gateway', 'edge', '{ selector: { istio: ingress } }') +
  object(
    'networking.istio.io/v1',
    'VirtualService',
    'root',
    `{ ${from}, hosts: [example.org], http: [{ delegate: { name: it } }] }`,
  ) +
  object('networking.istio.io/v1', 'VirtualService', 'it', '{ http: [{ route: [{ destination: { host: it } }] }] }');
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
  ['Traefik IngressRouteUDP', traefik('IngressRouteUDP') + program('traefik:v3.5'), traefik('IngressRouteUDP')],
  [
    'a TraefikService',
    traefikSplit('{ weighted: { services: [{ name: it, port: 80, weight: 1 }] } }') + program('traefik:v3.5'),
    traefikSplit('{ mirroring: { name: other, mirrors: [{ name: it, port: 80 }] } }'),
  ],
  [
    'a TraefikService of another, in a circle',
    traefikSplit('{ weighted: { services: [{ kind: TraefikService, name: split }, { name: it, port: 80 }] } }') +
      program('traefik:v3.5'),
    traefikSplit('{ weighted: { services: [{ kind: TraefikService, name: split }, { name: it, port: 80 }] } }'),
  ],
  [
    'HTTPRoute to a TraefikService',
    routed('HTTPRoute').replace('{ name: it, port: 80 }', '{ group: traefik.io, kind: TraefikService, name: split }') +
      traefikSplit('{ weighted: { services: [{ name: it, port: 80 }] } }') +
      gateway('True') +
      program('traefik:v3.5'),
    routed('HTTPRoute').replace('{ name: it, port: 80 }', '{ group: traefik.io, kind: TraefikService, name: split }') +
      traefikSplit('{ weighted: { services: [{ name: it, port: 80 }] } }') +
      gateway('False') +
      program('traefik:v3.5'),
  ],
  [
    'Contour for TCP',
    contour(`{ conditions: [${condition('Valid')}] }`).replace(
      /routes: (.*) }/,
      'tcpproxy: { services: [{ name: it, port: 80 }] } }',
    ),
    contour('').replace(/routes: (.*) }/, 'tcpproxy: { services: [{ name: it, port: 80 }] } }'),
  ],
  [
    'Emissary for TCP',
    mapping.replace('Mapping', 'TCPMapping') + program('emissary:3.9.1'),
    mapping.replace('Mapping', 'TCPMapping'),
  ],
  [
    'APISIX for streams',
    apisix.replace(/http: .* }/, 'stream: [{ backend: { serviceName: it, servicePort: 80 } }] }') +
      program('apache/apisix:3.13.0'),
    apisix.replace(/http: .* }/, 'stream: [{ backend: { serviceName: it, servicePort: 80 } }] }'),
  ],
  ['NGINX VirtualServer', nginx('VirtualServer', '{ state: Valid }'), nginx('VirtualServer', '')],
  ['NGINX TransportServer', nginx('TransportServer', '{ state: Valid }'), nginx('TransportServer', '')],
  [
    'a delegate of Istio',
    delegated('gateways: [edge]') + program('istio/proxyv2:1.27.0'),
    delegated('gateways: [edge]'),
  ],
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

const noWay = 'n-a NOT_EXPOSED';
const nothing = 'warn ROUTE_TO_NOTHING';
const served = 'pass BEHIND_A_GATEWAY';
const admitted = `{ ingress: [{ conditions: [${condition('Admitted')}] }] }`;
const toPort = (port: string) =>
  ingress('{ loadBalancer: { ingress: [{ ip: 192.0.2.1 }] } }').replace('port: { number: 80 }', `port: ${port}`);
const openshiftTo = (spec: string) => object('route.openshift.io/v1', 'Route', 'it', spec, admitted);
const named = service.replace('ports: [{ port: 80 }]', 'ports: [{ name: web, port: 80, targetPort: http }]');
const withPort = named.replace('containerPort: 80', 'name: http, containerPort: 8080');

test.each<[what: string, yaml: string, verdict: string]>([
  ['an Ingress to a port by its name', withPort + toPort('{ name: web }'), served],
  ['a name that the Service lacks', withPort + toPort('{ name: http }'), nothing],
  ['a number that it lacks', withPort + toPort('{ number: 8080 }'), nothing],
  ['a port that leads to a container port of no name', named + toPort('{ name: web }'), nothing],
  ['OpenShift: the pods’ number', withPort + openshiftTo('{ to: { name: it }, port: { targetPort: 8080 } }'), served],
  [
    'OpenShift: the name of the Service’s port',
    withPort + openshiftTo('{ to: { name: it }, port: { targetPort: web } }'),
    served,
  ],
  [
    'OpenShift: the Service’s number',
    withPort + openshiftTo('{ to: { name: it }, port: { targetPort: 80 } }'),
    nothing,
  ],
  ['OpenShift: no such name', withPort + openshiftTo('{ to: { name: it }, port: { targetPort: https } }'), nothing],
  [
    'OpenShift: one of several',
    service +
      workload('other', '{ name: other, image: "shop/other:1" }') +
      serviceOf('other') +
      openshiftTo('{ to: { name: other }, alternateBackends: [{ kind: Service, name: it, weight: 20 }] }'),
    served,
  ],
  [
    'a delegate that only calls inside go to',
    service + delegated('gateways: [mesh]') + program('istio/proxyv2:1.27.0'),
    noWay,
  ],
  [
    'a virtual service without gateways',
    service + istio.replace('gateways: [edge], ', '') + program('istio/proxyv2:1.27.0'),
    noWay,
  ],
  [
    'an end that is a host outside, beside it',
    service +
      istio.replace(
        '{ destination: { host: it, port: { number: 80 } } }',
        '{ destination: { host: it } }, { destination: { host: legacy.example.com } }',
      ) +
      program('istio/proxyv2:1.27.0'),
    served,
  ],
  [
    'an end that a ServiceEntry names, beside it',
    service +
      istio.replace(
        '{ destination: { host: it, port: { number: 80 } } }',
        '{ destination: { host: it } }, { destination: { host: rates.legacy } }',
      ) +
      object('networking.istio.io/v1', 'ServiceEntry', 'rates', '{ hosts: [rates.legacy] }') +
      program('istio/proxyv2:1.27.0'),
    served,
  ],
  [
    'an end that nobody gives, beside it',
    service +
      istio.replace(
        '{ destination: { host: it, port: { number: 80 } } }',
        '{ destination: { host: it } }, { destination: { host: rates } }',
      ) +
      program('istio/proxyv2:1.27.0'),
    nothing,
  ],
  [
    'endpoint groups of Google',
    service.replace(
      '{ name: it }\nspec: { sel',
      '{ name: it, annotations: { cloud.google.com/neg: \'{"exposed_ports":{"80":{}}}\', cloud.google.com/neg-status: \'{"network_endpoint_groups":{"80":"a"}}\' } }\nspec: { sel',
    ),
    served,
  ],
  ['ports of ingress-nginx', service + streams('shop/it:80'), served],
  ['ports of ingress-nginx for another', service + streams('shop/other:80'), noWay],
])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));

function streams(target: string): string {
  return (
    program('registry.k8s.io/ingress-nginx/controller:v1.12.1').replace(
      'image:',
      'args: [/nginx-ingress-controller, --tcp-services-configmap=$(POD_NAMESPACE)/tcp-services], image:',
    ) +
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: tcp-services, namespace: edge }\ndata: { "9000": "${target}" }\n---\n`
  );
}

const ingressClass = (controller: string, isDefault = false) =>
  `apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: { name: public${isDefault ? ', annotations: { ingressclass.kubernetes.io/is-default-class: "true" }' : ''} }\nspec: { controller: ${controller} }\n---\n`;
const nodePort = service.replace('spec: { selector', 'spec: { type: NodePort, selector');
const given = '{ loadBalancer: { ingress: [{ ip: 192.0.2.1 }] } }';
const ofClass = (more = 'ingressClassName: public, ') => ingress(given).replace('spec: { ', `spec: { ${more}`);
const annotated = (name: string, value: string) =>
  ingress(given).replace(
    '{ name: it }\nspec: { rules',
    `{ name: it, annotations: { ${name}: '${value}' } }\nspec: { rules`,
  );

test.each<[what: string, yaml: string, verdict: string]>([
  ['AWS by the controller of its class', ofClass() + ingressClass('ingress.k8s.aws/alb'), served],
  ['the managed one of EKS', ofClass() + ingressClass('eks.amazonaws.com/alb'), served],
  ['the default class', ofClass('') + ingressClass('ingress.k8s.aws/alb', true), served],
  [
    'one that is told the pods’ addresses',
    annotated('alb.ingress.kubernetes.io/target-type', 'ip') + ingressClass('ingress.k8s.aws/alb', true),
    'warn BYPASS',
  ],
  [
    'a class of that name that another controller has',
    ofClass('ingressClassName: alb, ') + ingressClass('k8s.io/ingress-nginx').replace('public', 'alb'),
    'warn BYPASS',
  ],
  ['a class of nginx', ofClass() + ingressClass('k8s.io/ingress-nginx'), 'warn BYPASS'],
  ['classes that were not read', ofClass(), 'unknown NOT_READ'],
  ['GKE’s own, which needs no class', annotated('ingress.kubernetes.io/backends', '{}'), served],
  ['the annotation of GKE', annotated('kubernetes.io/ingress.class', 'gce'), served],
  ['no class, and no sign of GKE', ofClass(''), 'warn BYPASS'],
  [
    'targets by node',
    binding('{ observedGeneration: 1 }').replace('spec: { ', 'spec: { targetType: instance, '),
    served,
  ],
  [
    'targets by address',
    binding('{ observedGeneration: 1 }').replace('spec: { ', 'spec: { targetType: ip, '),
    'warn BYPASS',
  ],
  [
    'a Gateway of AWS',
    routed('HTTPRoute') +
      gateway('True').replace('spec: {}', 'spec: { gatewayClassName: aws }') +
      'apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: { name: aws }\nspec: { controllerName: gateway.k8s.aws/alb }\n---\n',
    served,
  ],
  ['a Gateway of another', routed('HTTPRoute') + gateway('True'), 'warn BYPASS'],
])('a node port behind %s', (what, yaml, verdict) => {
  const header = what.includes('not read') ? 'reads: { ingressclasses.networking.k8s.io: forbidden }\n---\n' : '';
  expect(judge(header + nodePort + yaml)).toBe(verdict);
});
