import { describe, expect, test } from 'vitest';
import circuitBreakers from '../../../../src/check/checks/circuit-breakers.ts';
import { breakerParts } from '../../../../src/check/inventory/breakers/index.ts';
import { runChecks } from '../../../../src/check/run-checks.ts';
import type { KubeObject } from '../../../../src/check/sources/snapshot.ts';
import { objectsIn, snapshotOf } from '../../support/fixture.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

interface Caller {
  /** Container that a mesh puts beside the caller. */
  proxy?: string;
  /** Annotations of its pods. */
  annotations?: string;
  labels?: string;
  address?: string;
}

/** `it` calls `stock`, both in the namespace shop, one port each. */
const system = (
  { proxy, annotations = '{}', labels = '', address = 'http://stock' }: Caller,
  policies: string,
  stock = '{ name: stock }',
): string =>
  workload(
    'it',
    `{ name: it, image: "shop/it:1", ports: [{ containerPort: 80 }], env: [{ name: STOCK_URL, value: "${address}" }] }${
      proxy ? `, { name: ${proxy}, image: "mesh/proxy:1" }` : ''
    }`,
    { podLabels: labels, podMetadata: `, annotations: ${annotations}` },
  ) +
  serviceOf('it') +
  workload('stock', '{ name: stock, image: "shop/stock:1", ports: [{ containerPort: 80 }] }', {
    podMetadata: ', annotations: { dapr.io/app-id: stock }',
  }) +
  serviceOf('stock').replace('{ name: stock }', stock) +
  policies;

const judge = (yaml: string, lost?: string) => {
  const { header, objects } = objectsIn(yaml);
  return judgeObjects(objects, lost ? { reads: { [lost]: 'forbidden' } } : header);
};
const judgeObjects = (objects: KubeObject[], header: Parameters<typeof snapshotOf>[1]) => {
  const run = runChecks(snapshotOf(objects, header), { startedAt: '', today: '2026-01-01', checks: [circuitBreakers] });
  const own = run.results.find(({ subject }) => subject.name === 'it');
  const idle = run.results.find(({ subject }) => subject.kind === 'Cluster')?.findings ?? [];
  return { own, idle };
};

type Row = [what: string, verdict: string, yaml: string];
/** The verdict is that one, and where a list is lost it is that or `unknown`. */
const expectRow = (verdict: string, yaml: string): void => {
  const { header, objects } = objectsIn(yaml);
  const { own } = judgeObjects(objects, header);
  expect(`${own?.status} ${own?.reason}`, own?.message).toBe(verdict);
  expect(verdictOf(yaml, circuitBreakers)).toBe(verdict);
  for (const part of [...breakerParts, 'pods', 'services', 'namespaces']) {
    const lost = judgeObjects(objects, { reads: { [part]: 'forbidden' } }).own;
    if (lost) expect([own?.status, 'unknown'], `without ${part}: ${lost.message}`).toContain(lost.status);
  }
};

const rule = (spec: string, namespace = 'shop', name = 'stock') => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: ${namespace} }
spec: { host: stock.shop.svc.cluster.local, ${spec} }
---`;
const trips = 'outlierDetection: { consecutive5xxErrors: 5 }';
const route = (targets: string, extra = '') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: stock }
spec: { hosts: [stock], ${extra} http: [{ route: [${targets}] }] }
---`;
const delegated = (extra: string) =>
  `${route('', extra).replace('route: []', 'delegate: { name: parts }')}\n${route(to('v1'))
    .replace('{ name: stock }', '{ name: parts }')
    .replace('hosts: [stock],', '')}`;
const to = (subset: string) => `{ destination: { host: stock${subset ? `, subset: ${subset}` : ''} } }`;
const sidecar = { proxy: 'istio-proxy' };
const namespaces = (labels: string) =>
  `apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: ${labels} }\n---\n`;
const waypoint = (status: string) => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: waypoint }
status: { conditions: [{ type: Programmed, status: "${status}" }] }
---`;

describe('Istio', () => {
  test.each<Row>([
    [
      'a rule of the caller’s namespace',
      'pass EVERY_CALL_GUARDED',
      system(sidecar, rule(`trafficPolicy: { ${trips} }`)),
    ],
    [
      'a rule of the root namespace',
      'pass EVERY_CALL_GUARDED',
      system(sidecar, rule(`trafficPolicy: { ${trips} }`, 'istio-system')),
    ],
    [
      'a rule of a third namespace, where Istio does not look',
      'fail CONFIGURED_BUT_INERT',
      system(sidecar, rule(`trafficPolicy: { ${trips} }`, 'platform')),
    ],
    [
      'a rule that a nearer one hides',
      'fail CONFIGURED_BUT_INERT',
      system(sidecar, rule('subsets: []') + rule(`trafficPolicy: { ${trips} }`, 'istio-system')),
    ],
    [
      'a rule for other callers',
      'unknown MAY_BE_IN_CODE',
      system(sidecar, rule(`workloadSelector: { matchLabels: { app: other } }, trafficPolicy: { ${trips} }`)),
    ],
    [
      'a port whose own settings leave it out',
      'fail CONFIGURED_BUT_INERT',
      system(
        sidecar,
        rule(`trafficPolicy: { ${trips}, portLevelSettings: [{ port: { number: 80 }, loadBalancer: {} }] }`),
      ),
    ],
    [
      'a port whose own settings have it',
      'pass EVERY_CALL_GUARDED',
      system(sidecar, rule(`trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, ${trips} }] }`)),
    ],
    [
      'a subset that all calls go to',
      'pass EVERY_CALL_GUARDED',
      system(sidecar, rule(`subsets: [{ name: v1, trafficPolicy: { ${trips} } }]`) + route(to('v1'))),
    ],
    [
      'a subset that some calls go to',
      'warn PARTLY_GUARDED',
      system(
        sidecar,
        rule(`subsets: [{ name: v1, trafficPolicy: { ${trips} } }, { name: v2 }]`) + route(`${to('v1')}, ${to('v2')}`),
      ),
    ],
    [
      'a subset that calls go to by a delegate',
      'pass EVERY_CALL_GUARDED',
      system(sidecar, rule(`subsets: [{ name: v1, trafficPolicy: { ${trips} } }]`) + delegated('')),
    ],
    [
      'a subset that only a gateway’s delegate goes to',
      'fail CONFIGURED_BUT_INERT',
      system(sidecar, rule(`subsets: [{ name: v1, trafficPolicy: { ${trips} } }]`) + delegated('gateways: [edge],')),
    ],
    [
      'a timeout of a delegate',
      'warn LIMITS_ONLY',
      system(sidecar, delegated('').replace('route: [', 'timeout: 2s, route: [')),
    ],
    [
      'a subset that only a gateway routes to',
      'fail CONFIGURED_BUT_INERT',
      system(
        sidecar,
        rule(`subsets: [{ name: v1, trafficPolicy: { ${trips} } }]`) + route(to('v1'), 'gateways: [edge],'),
      ),
    ],
    [
      'timeouts of a gateway’s route, which say nothing about calls inside',
      'unknown MAY_BE_IN_CODE',
      system(
        sidecar,
        `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: stock }\nspec: { hosts: [stock], gateways: [edge], http: [{ timeout: 1s, route: [${to('')}] }] }`,
      ),
    ],
    [
      'a port that goes past the proxy',
      'fail CONFIGURED_BUT_INERT',
      system(
        { ...sidecar, annotations: '{ traffic.sidecar.istio.io/excludeOutboundPorts: "8080,80" }' },
        rule(`trafficPolicy: { ${trips} }`),
      ),
    ],
    [
      'ambient mode with a waypoint before the called service',
      'pass EVERY_CALL_GUARDED',
      system(
        {},
        namespaces('{ istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint }') +
          waypoint('True') +
          rule(`trafficPolicy: { ${trips} }`),
      ),
    ],
    [
      'ambient mode with a waypoint that is not up',
      'fail CONFIGURED_BUT_INERT',
      system(
        {},
        namespaces('{ istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint }') +
          waypoint('False') +
          rule(`trafficPolicy: { ${trips} }`),
      ),
    ],
    [
      'ambient mode without a waypoint',
      'fail CONFIGURED_BUT_INERT',
      system({}, namespaces('{ istio.io/dataplane-mode: ambient }') + rule(`trafficPolicy: { ${trips} }`)),
    ],
  ])('%s: %s', (_, verdict, yaml) => expectRow(verdict, yaml));
});

const accrual = (extra = '') =>
  `{ name: stock, annotations: { balancer.linkerd.io/failure-accrual: consecutive${extra} } }`;
const proxied = { proxy: 'linkerd-proxy' };
const profile = (route: string, namespace = 'shop', domain = 'cluster.local') => `
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: { name: stock.shop.svc.${domain}, namespace: ${namespace} }
spec: { routes: [{ name: other, condition: { method: GET } }, { name: all, condition: { method: POST }, ${route} }] }
---`;

describe('Linkerd', () => {
  test.each<Row>([
    ['failure accrual', 'pass EVERY_CALL_GUARDED', system(proxied, '', accrual())],
    [
      'a ServiceProfile, which switches it off',
      'fail CONFIGURED_BUT_INERT',
      system(
        proxied,
        'apiVersion: linkerd.io/v1alpha2\nkind: ServiceProfile\nmetadata: { name: stock.shop.svc.cluster.local }',
        accrual(),
      ),
    ],
    [
      'an opaque port',
      'fail CONFIGURED_BUT_INERT',
      system(proxied, '', accrual(', config.linkerd.io/opaque-ports: "80"')),
    ],
    [
      'a port that the caller skips',
      'fail CONFIGURED_BUT_INERT',
      system({ ...proxied, annotations: '{ config.linkerd.io/skip-outbound-ports: "75-90" }' }, '', accrual()),
    ],
    [
      'a penalty of two units',
      'fail CONFIGURED_BUT_INERT',
      system(proxied, '', accrual(', balancer.linkerd.io/failure-accrual-consecutive-max-penalty: 1m30s')),
    ],
    [
      'a timeout alone',
      'warn LIMITS_ONLY',
      system(proxied, '', '{ name: stock, annotations: { timeout.linkerd.io/request: 1s } }'),
    ],
    ['a timeout of a ServiceProfile', 'warn LIMITS_ONLY', system(proxied, profile('timeout: 500ms'))],
    ['retries of a ServiceProfile', 'warn LIMITS_ONLY', system(proxied, profile('isRetryable: true'))],
    [
      'a ServiceProfile in another cluster domain',
      'warn LIMITS_ONLY',
      system(proxied, profile('timeout: 500ms', 'shop', 'example.org')),
    ],
    ['a ServiceProfile of routes alone', 'unknown MAY_BE_IN_CODE', system(proxied, profile('isRetryable: false'))],
    [
      'a ServiceProfile in a namespace of neither',
      'unknown MAY_BE_IN_CODE',
      system(proxied, profile('timeout: 500ms', 'elsewhere')),
    ],
    ['a ServiceProfile without a proxy', 'unknown MAY_BE_IN_CODE', system({}, profile('timeout: 500ms'))],
    [
      'failure accrual beside a ServiceProfile that Linkerd does not heed',
      'pass EVERY_CALL_GUARDED',
      system(proxied, profile('timeout: 500ms', 'elsewhere'), accrual()),
    ],
  ])('%s: %s', (_, verdict, yaml) => expectRow(verdict, yaml));
});

const mesh = (spec: string, namespace = 'kuma-system', labels = '{}') => `
apiVersion: kuma.io/v1alpha1
kind: MeshCircuitBreaker
metadata: { name: stock, namespace: ${namespace}, labels: ${labels} }
spec: ${spec}
---`;
const detectors = 'default: { outlierDetection: { detectors: { totalFailures: { consecutive: 10 } } } }';
const kuma = { proxy: 'kuma-sidecar' };

describe('Kuma', () => {
  test.each<Row>([
    [
      'every call of the mesh',
      'pass EVERY_CALL_GUARDED',
      system(kuma, mesh(`{ to: [{ targetRef: { kind: Mesh }, ${detectors} }] }`)),
    ],
    [
      'calls to the service, as its own people wrote it',
      'pass EVERY_CALL_GUARDED',
      system(kuma, mesh(`{ to: [{ targetRef: { kind: MeshService, name: stock }, ${detectors} }] }`, 'shop')),
    ],
    [
      'a service of that name in another namespace',
      'unknown MAY_BE_IN_CODE',
      system(kuma, mesh(`{ to: [{ targetRef: { kind: MeshService, name: stock }, ${detectors} }] }`, 'elsewhere')),
    ],
    [
      'other callers',
      'unknown MAY_BE_IN_CODE',
      system(
        kuma,
        mesh(
          `{ targetRef: { kind: Dataplane, labels: { app: other } }, to: [{ targetRef: { kind: Mesh }, ${detectors} }] }`,
        ),
      ),
    ],
    ['what comes in only', 'unknown MAY_BE_IN_CODE', system(kuma, mesh(`{ rules: [{ ${detectors} }] }`))],
    [
      'connection limits',
      'warn LIMITS_ONLY',
      system(
        kuma,
        mesh('{ to: [{ targetRef: { kind: Mesh }, default: { connectionLimits: { maxConnections: 10 } } }] }'),
      ),
    ],
    [
      'the policy that every mesh is given',
      'unknown MAY_BE_IN_CODE',
      system(
        kuma,
        mesh(
          '{ to: [{ targetRef: { kind: Mesh }, default: { connectionLimits: { maxConnections: 1024 } } }] }',
          'kuma-system',
          '{ kuma.io/policy-role: system }',
        ).replace('name: stock', 'name: mesh-circuit-breaker-all-default'),
      ),
    ],
    [
      'a caller without the proxy',
      'fail CONFIGURED_BUT_INERT',
      system({}, mesh(`{ to: [{ targetRef: { kind: Mesh }, ${detectors} }] }`)),
    ],
  ])('%s: %s', (_, verdict, yaml) => expectRow(verdict, yaml));
});

const defaults = (check: string, synced: string | undefined = 'True') => `
apiVersion: consul.hashicorp.com/v1alpha1
kind: ServiceDefaults
metadata: { name: it }
spec: { upstreamConfig: { overrides: [{ name: stock, passiveHealthCheck: ${check} }] } }
${synced ? `status: { conditions: [{ type: Synced, status: "${synced}" }] }` : ''}`;
const consul = { proxy: 'consul-dataplane' };

describe('Consul', () => {
  test.each<Row>([
    ['ejects after failures', 'pass EVERY_CALL_GUARDED', system(consul, defaults('{ interval: 10s, maxFailures: 5 }'))],
    ['no number of failures', 'fail CONFIGURED_BUT_INERT', system(consul, defaults('{ interval: 10s }'))],
    ['refused by the controller', 'fail CONFIGURED_BUT_INERT', system(consul, defaults('{ maxFailures: 5 }', 'False'))],
    ['taken up by nobody', 'fail CONFIGURED_BUT_INERT', system(consul, defaults('{ maxFailures: 5 }', ''))],
  ])('%s: %s', (_, verdict, yaml) => expectRow(verdict, yaml));
});

const envoy = (settings: string) => `
apiVersion: cilium.io/v2
kind: CiliumClusterwideEnvoyConfig
metadata: { name: stock }
spec:
  services: [{ name: stock, namespace: shop }]
  resources: [{ "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: shop/stock, ${settings} }]
---`;
const agent = `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: cilium, namespace: kube-system }
spec:
  selector: { matchLabels: { app: cilium } }
  template:
    metadata: { labels: { app: cilium } }
    spec: { containers: [{ name: agent, image: "quay.io/cilium/cilium:v1.18.0" }] }
`;

describe('Cilium', () => {
  test.each<Row>([
    [
      'outlier detection',
      'pass EVERY_CALL_GUARDED',
      system({}, envoy('outlier_detection: { consecutive_5xx: 5 }') + agent),
    ],
    ['limits', 'warn LIMITS_ONLY', system({}, envoy('circuit_breakers: { thresholds: [] }') + agent)],
    ['without its agent', 'fail CONFIGURED_BUT_INERT', system({}, envoy('outlier_detection: {}'))],
  ])('%s: %s', (_, verdict, yaml) => expectRow(verdict, yaml));
});

const resiliency = (spec: string, scopes = '[it]', made = '2026-01-01T00:00:00Z') => `
apiVersion: dapr.io/v1alpha1
kind: Resiliency
metadata: { name: calls, creationTimestamp: "${made}" }
scopes: ${scopes}
spec: ${spec}
---`;
const broken = 'policies: { circuitBreakers: { quick: { trip: consecutiveFailures > 3 } } }';
const dapr = { proxy: 'daprd', annotations: '{ dapr.io/app-id: it }', address: '' };
const youngPod = `
apiVersion: v1
kind: Pod
metadata:
  name: it-1
  creationTimestamp: "2025-01-01T00:00:00Z"
  labels: { app: it }
  ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: it, uid: "", controller: true }]
spec: { nodeName: node-1, containers: [{ name: it, image: "shop/it:1" }, { name: daprd, image: "daprio/daprd:1" }] }
status: { phase: Running, conditions: [{ type: Ready, status: "True" }] }
---`;

describe('Dapr', () => {
  test.each<Row>([
    [
      'a call through the sidecar, which its policy names at both ends',
      'pass EVERY_CALL_GUARDED',
      system(dapr, resiliency(`{ ${broken}, targets: { apps: { stock: { circuitBreaker: quick } } } }`)),
    ],
    [
      'a pod older than the policy',
      'warn PARTLY_GUARDED',
      system(dapr, resiliency(`{ ${broken}, targets: { apps: { stock: { circuitBreaker: quick } } } }`) + youngPod),
    ],
    [
      'a policy that does not exist',
      'fail CONFIGURED_BUT_INERT',
      system(dapr, resiliency(`{ ${broken}, targets: { apps: { stock: { circuitBreaker: slow } } } }`)),
    ],
    [
      'a retry alone',
      'warn LIMITS_ONLY',
      system(dapr, resiliency('{ targets: { apps: { stock: { retry: some } } } }')),
    ],
    [
      'an address that goes past the sidecar, beside a call through it',
      'warn SOME_CALLS_UNGUARDED',
      system(
        { ...dapr, address: 'http://stock' },
        resiliency(`{ ${broken}, targets: { apps: { stock: { circuitBreaker: quick } } } }`),
      ),
    ],
    [
      'an address that goes past the sidecar, and a policy of nobody in particular',
      'unknown MAY_BE_IN_CODE',
      system(
        { ...dapr, address: 'http://stock' },
        resiliency(`{ ${broken}, targets: { apps: { stock: { circuitBreaker: quick } } } }`, '[]'),
      ),
    ],
    [
      'an address that goes past the sidecar, and a policy that does not exist',
      'fail CONFIGURED_BUT_INERT',
      system(
        { ...dapr, address: 'http://stock' },
        resiliency(`{ ${broken}, targets: { apps: { stock: { circuitBreaker: slow } } } }`),
      ),
    ],
    [
      'a policy of nobody in particular shows no call',
      'unknown NO_CALL_VISIBLE',
      system(dapr, resiliency(`{ ${broken}, targets: { apps: { stock: { circuitBreaker: quick } } } }`, '[]')),
    ],
    [
      'a caller without the sidecar',
      'fail CONFIGURED_BUT_INERT',
      system(
        { annotations: '{ dapr.io/app-id: it }', address: '' },
        resiliency(`{ ${broken}, targets: { apps: { stock: { circuitBreaker: quick } } } }`),
      ),
    ],
  ])('%s: %s', (_, verdict, yaml) => expectRow(verdict, yaml));
});

test('Gateway API has timeouts and retries for calls inside a mesh, and no breaker', () =>
  expectRow(
    'warn LIMITS_ONLY',
    system(
      {},
      `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: stock }
spec: { parentRefs: [{ group: "", kind: Service, name: stock }], rules: [{ timeouts: { request: 1s } }] }
status: { parents: [{ conditions: [{ type: Accepted, status: "True" }] }] }`,
    ),
  ));

const entry = (kind: string, name: string, apiVersion: string, spec: string, rest = '') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n${rest}---\n`;
const toIt = 'rules: [{ backendRefs: [{ name: it, port: 80 }] }]';
const httpRoute = entry(
  'HTTPRoute',
  'web',
  'gateway.networking.k8s.io/v1',
  `{ parentRefs: [{ name: edge }], ${toIt} }`,
);
const backendPolicy = (status: string, target = 'web') =>
  entry(
    'BackendTrafficPolicy',
    'careful',
    'gateway.envoyproxy.io/v1alpha1',
    `{ targetRefs: [{ kind: HTTPRoute, name: ${target} }], healthCheck: { passive: { consecutive5XxErrors: 5 } } }`,
    status,
  );
const took = 'status: { ancestors: [{ conditions: [{ type: Accepted, status: "True" }] }] }\n';
const middleware = entry('Middleware', 'careful', 'traefik.io/v1alpha1', '{ circuitBreaker: { expression: "x" } }');
const ingressRoute = (names: string) =>
  entry(
    'IngressRoute',
    'web',
    'traefik.io/v1alpha1',
    `{ routes: [{ middlewares: [${names}], services: [{ name: it, port: 80 }] }] }`,
  );
const upstream = entry(
  'KongUpstreamPolicy',
  'careful',
  'configuration.konghq.com/v1beta1',
  '{ healthchecks: { passive: { unhealthy: { httpFailures: 5 } } } }',
);
const named = (yaml: string, annotations: string) =>
  yaml.replace(
    'kind: Service\nmetadata: { name: it }',
    `kind: Service\nmetadata: { name: it, annotations: ${annotations} }`,
  );
const apisix = 'apisix.apache.org/v2';
const apisixRoute = (extra: string) =>
  entry('ApisixRoute', 'web', apisix, `{ http: [{ ${extra} backends: [{ serviceName: it, servicePort: 80 }] }] }`);
const plugins = '[{ name: api-breaker, enable: true }]';

/** What a gateway does guards calls of the gateway: it is told, and the cell stays what it is. */
describe('gateways', () => {
  const none = system({ address: '' }, '');
  test.each<[what: string, yaml: string]>([
    ['Envoy Gateway', none + httpRoute + backendPolicy(took)],
    ['Traefik', none + middleware + ingressRoute('{ name: careful }')],
    [
      'Traefik',
      none +
        middleware +
        entry('Middleware', 'chain', 'traefik.io/v1alpha1', '{ chain: { middlewares: [{ name: careful }] } }') +
        ingressRoute('{ name: chain }'),
    ],
    ['Kong', named(none, '{ konghq.com/upstream-policy: careful }') + upstream],
    ['APISIX', none + entry('ApisixUpstream', 'it', apisix, '{ healthCheck: { passive: { unhealthy: {} } } }')],
    ['APISIX', none + apisixRoute(`plugins: ${plugins},`)],
    [
      'APISIX',
      none +
        entry('ApisixPluginConfig', 'careful', apisix, `{ plugins: ${plugins} }`) +
        apisixRoute('plugin_config_name: careful,'),
    ],
    [
      'APISIX',
      none +
        entry('ApisixUpstream', 'far', apisix, '{ healthCheck: { passive: { unhealthy: {} } } }') +
        apisixRoute('upstreams: [{ name: far }],'),
    ],
    [
      'Emissary',
      none +
        entry(
          'Mapping',
          'web',
          'getambassador.io/v3alpha1',
          '{ service: it, circuit_breakers: [{ max_connections: 1 }] }',
        ),
    ],
    ['Contour', named(none, '{ projectcontour.io/max-connections: "5" }')],
  ])('%s is noted on the service behind it', (technology, yaml) => {
    const { own, idle } = judge(yaml);
    expect(own?.reason).toBe('NO_CALL_VISIBLE');
    const note = own?.findings.find(({ reason }) => reason === 'GATEWAY_GUARDS_IT');
    expect(note?.message).toContain(technology);
    expect(note?.status).toBe('note');
    expect(idle).toEqual([]);
  });

  test.each<[what: string, yaml: string, why: string]>([
    ['a target that does not exist', none + httpRoute + backendPolicy(took, 'other'), 'it targets nothing that exists'],
    ['a middleware that no route names', none + middleware + ingressRoute(''), 'no route, chain or Ingress uses it'],
    ['an upstream policy that no Service names', none + upstream, 'no Service names it'],
    [
      'an upstream of no Service',
      none + entry('ApisixUpstream', 'that', apisix, '{ healthCheck: { passive: { unhealthy: {} } } }'),
      'there is no Service that',
    ],
    [
      'a plugin configuration that no route names',
      none + entry('ApisixPluginConfig', 'careful', apisix, `{ plugins: ${plugins} }`),
      'no route names it',
    ],
    [
      'a rule for a host that does not exist',
      none + rule(`trafficPolicy: { ${trips} }`).replace('host: stock.shop', 'host: gone.shop'),
      'there is no such Service',
    ],
    [
      'a policy for an app that nothing runs',
      none + resiliency('{ targets: { apps: { gone: { retry: some } } } }'),
      'nothing in shop has that dapr.io/app-id',
    ],
  ])('%s is told as without effect', (_, yaml, why) => {
    const { idle } = judge(yaml);
    expect(idle.map(({ reason, status }) => `${status} ${reason}`)).toEqual(['note BREAKER_UNUSED']);
    expect(idle[0]?.message).toContain(why);
  });

  const accepted = (status: string) =>
    `status: { ancestors: [{ conditions: [{ type: Accepted, status: "${status}" }] }] }\n`;

  test.each<[what: string, yaml: string, reason: string]>([
    ['that no controller took up', none + httpRoute + backendPolicy(''), 'note BREAKER_NOT_TAKEN_UP'],
    ['that its status refuses', none + httpRoute + backendPolicy(accepted('False')), 'note BREAKER_REFUSED'],
  ])('a policy %s is attached, and nobody is told to attach it', (_, yaml, expected) => {
    const { idle } = judge(yaml);
    expect(idle.map(({ reason, status }) => `${status} ${reason}`)).toEqual([expected]);
    expect(idle[0]?.fix).toMatch(/^It is attached already: .*kubectl describe BackendTrafficPolicy -n shop /);
  });

  const about = (host: string, policy = `trafficPolicy: { ${trips} }`) =>
    none + rule(policy).replace('stock.shop.svc.cluster.local', host);
  const serviceEntry = (host: string) =>
    entry('ServiceEntry', 'far', 'networking.istio.io/v1', `{ hosts: ['${host}'] }`);
  const program = (more: string) => workload('traefik', `{ name: traefik, image: "traefik:v3.5", ${more} }`);
  const careful = 'shop-careful@kubernetescrd';

  test.each<[what: string, yaml: string]>([
    ['a rule for every host', about("'*'")],
    ['a rule for a namespace', about("'*.billing.svc.cluster.local'")],
    ['a rule for the host of a ServiceEntry', about('rates.legacy') + serviceEntry('rates.legacy')],
    ['a rule for a host under its wildcard', about('a.partners.internal') + serviceEntry('*.partners.internal')],
    [
      'a rule for an imported service',
      about('gone.shop.svc.clusterset.local') +
        entry('ServiceImport', 'gone', 'multicluster.x-k8s.io/v1alpha1', '{ type: ClusterSetIP }'),
    ],
    ['a rule for a host outside', about('api.example.com')],
    ['a rule that only sets TLS', about('gone', 'trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }')],
    ['a rule that only names subsets', about('gone', 'subsets: [{ name: v1, labels: { version: v1 } }]')],
    ['a middleware of a route of another provider', none + middleware + ingressRoute(`{ name: ${careful} }`)],
    [
      'one of a service of a route',
      none + middleware + ingressRoute('').replace('port: 80 }', 'port: 80, middlewares: [{ name: careful }] }'),
    ],
    [
      'one of an entry point, by an argument',
      none + middleware + program(`args: [--entrypoints.web.http.middlewares=${careful}]`),
    ],
    [
      'by a variable',
      none + middleware + program(`env: [{ name: TRAEFIK_ENTRYPOINTS_WEB_HTTP_MIDDLEWARES, value: ${careful} }]`),
    ],
    [
      'by a file',
      none +
        middleware +
        workload(
          'traefik',
          '{ name: traefik, image: "traefik:v3.5", volumeMounts: [{ name: conf, mountPath: /etc/traefik }] }',
          { podSpec: ', volumes: [{ name: conf, configMap: { name: conf } }]' },
        ) +
        `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: conf }\ndata:\n  traefik.yml: |\n    entryPoints:\n      web: { http: { middlewares: [${careful}] } }\n---\n`,
    ],
    [
      'a policy for a kind that is not looked at',
      none + backendPolicy(took).replace('kind: HTTPRoute', 'kind: XListenerSet'),
    ],
    [
      'a policy that a Service without selector names',
      none +
        upstream +
        'apiVersion: v1\nkind: Service\nmetadata: { name: far, annotations: { konghq.com/upstream-policy: careful } }\nspec: { ports: [{ port: 80 }] }\n---\n',
    ],
    [
      'a policy for an app that a CronJob runs',
      none +
        resiliency('{ targets: { apps: { nightly: { retry: some } } } }') +
        'apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: nightly }\nspec: { schedule: "0 1 * * *", jobTemplate: { spec: { template: { metadata: { annotations: { dapr.io/enabled: "true", dapr.io/app-id: nightly } }, spec: { containers: [{ name: n, image: "shop/n:1" }] } } } } }\n---\n',
    ],
  ])('%s is in use', (_, yaml) => {
    expect(judge(yaml).idle).toEqual([]);
  });

  test.each<[what: string, yaml: string, lost: string]>([
    ['routes of Traefik', none + middleware, 'ingressroutes.traefik.io'],
    ['its own settings', none + middleware, 'configmaps'],
    ['entries of the mesh', about('gone'), 'serviceentries.networking.istio.io'],
    ['imports', about('gone.shop.svc.clusterset.local'), 'serviceimports.net.gke.io'],
  ])('%s that could not be read prove nothing idle', (_, yaml, lost) => {
    expect(judge(yaml).idle).not.toEqual([]);
    expect(judge(yaml, lost).idle).toEqual([]);
  });
});
