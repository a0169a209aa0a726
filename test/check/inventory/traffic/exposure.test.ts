import { expect, test } from 'vitest';
import apiGateway from '../../../../src/check/checks/api-gateway.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

const app = workload('it', '{ name: it, image: "shop/it:1", ports: [{ containerPort: 8080 }] }');
const judge = (yaml: string) => verdictOf(yaml, apiGateway);

interface Given {
  ports?: string;
  annotations?: string;
  spec?: string;
  type?: string;
}
const exposed = ({
  ports = '{ port: 80, targetPort: 8080 }',
  annotations = '',
  spec = '',
  type = 'LoadBalancer',
}: Given) => `
apiVersion: v1
kind: Service
metadata: { name: it, annotations: { ${annotations} } }
spec: { type: ${type}, selector: { app: it }, ports: [${ports}]${spec} }
---
`;
const open = 'fail EXPOSED_DIRECTLY';
const foreign = 'n-a NOT_FOR_HTTP';
const inside = 'warn INTERNAL_BALANCER';

test.each<[ports: string, verdict: string]>([
  ['{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }', foreign],
  ['{ port: 25 }', foreign],
  ['{ name: smtp, port: 2525 }', foreign],
  ['{ name: mail, port: 2525, appProtocol: smtp }', foreign],
  ['{ name: game, port: 7777, protocol: UDP }', foreign],
  ['{ name: minecraft, port: 30000 }', foreign],
  ['{ port: 2222, targetPort: 22 }', foreign],
  ['{ port: 8883 }', foreign],
  ['{ port: 443, protocol: UDP }', open],
  ['{ port: 53, protocol: UDP }, { port: 80 }', open],
  ['{ port: 9999 }', open],
  ['{ name: smtp, port: 8080 }', open],
  ['{ name: rtmp, port: 9999, appProtocol: http }', open],
  ['{ name: grpc, port: 50051 }', open],
  ['{ name: dns-admin, port: 8080 }', open],
])('what comes in by %s: %s', (ports, verdict) => {
  expect(judge(app + exposed({ ports }))).toBe(verdict);
  expect(judge(app + exposed({ ports, type: 'NodePort' }))).toBe(verdict);
});

const beta = 'service.beta.kubernetes.io';
test.each<[annotations: string, spec: string, verdict: string]>([
  [`${beta}/aws-load-balancer-scheme: internal`, '', inside],
  [`${beta}/aws-load-balancer-scheme: internet-facing`, ', loadBalancerClass: service.k8s.aws/nlb', open],
  [`${beta}/aws-load-balancer-type: external`, '', inside],
  [`${beta}/aws-load-balancer-type: nlb`, '', open],
  [`${beta}/aws-load-balancer-internal: "true"`, '', inside],
  ['networking.gke.io/load-balancer-type: Internal', '', inside],
  ['cloud.google.com/load-balancer-type: External', '', open],
  [`${beta}/azure-load-balancer-internal: "true"`, '', inside],
  [`${beta}/azure-load-balancer-internal: "false"`, '', open],
  [`${beta}/openstack-internal-load-balancer: "true"`, '', inside],
  [`${beta}/oci-load-balancer-internal: "true"`, '', inside],
  [`${beta}/alibaba-cloud-loadbalancer-address-type: intranet`, '', inside],
  ['', ', loadBalancerClass: service.k8s.aws/nlb', inside],
  ['', ', loadBalancerClass: tailscale', inside],
  ['', ', loadBalancerSourceRanges: [10.0.0.0/8, 172.20.0.0/16]', inside],
  ['', ', loadBalancerSourceRanges: [10.0.0.0/8, 0.0.0.0/0]', open],
  ['', ', loadBalancerSourceRanges: [172.200.0.0/16]', open],
  ['internal: "true"', '', open],
])('a balancer with %s%s: %s', (annotations, spec, verdict) =>
  expect(judge(app + exposed({ annotations, spec }))).toBe(verdict),
);

test('an internal balancer beside a route is a bypass like another', () => {
  const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: it }
spec: { rules: [{ http: { paths: [{ backend: { service: { name: it, port: { number: 80 } } } }] } }] }
status: { loadBalancer: { ingress: [{ ip: 192.0.2.1 }] } }
---`;
  expect(judge(app + exposed({ annotations: 'networking.gke.io/load-balancer-type: Internal' }) + ingress)).toBe(
    'warn BYPASS',
  );
  expect(
    judge(app + exposed({ ports: '{ name: http, port: 80 }, { name: dns, port: 53, protocol: UDP }' }) + ingress),
  ).toBe('warn BYPASS');
  expect(judge(app + exposed({ ports: '{ port: 80 }', type: 'ClusterIP' }) + ingress)).toBe('pass BEHIND_A_GATEWAY');
});

test('a datagram’s port of the node is none for HTTP', () => {
  const game = (ports: string) => workload('it', `{ name: it, image: "shop/it:1", ports: [${ports}] }`);
  expect(judge(game('{ containerPort: 7654, hostPort: 7654, protocol: UDP }'))).toBe(foreign);
  expect(
    judge(game('{ containerPort: 7654, hostPort: 7654, protocol: UDP }, { containerPort: 80, hostPort: 80 }')),
  ).toBe(open);
  const onNode = workload('it', '{ name: it, image: "shop/it:1", ports: [{ containerPort: 7654, protocol: UDP }] }', {
    podSpec: ', hostNetwork: true',
  });
  expect(judge(onNode)).toBe(foreign);
  expect(judge(onNode.replace('containerPort: 7654, protocol: UDP', 'containerPort: 8080'))).toBe(open);
});

test('routes that were not read could lead to it as well', () => {
  const unread = 'reads: { ingresses.networking.k8s.io: forbidden }\n---\n';
  expect(judge(unread + app + exposed({ ports: '{ port: 53, protocol: UDP }' }))).toBe('unknown NOT_READ');
});

const caller = workload(
  'it',
  '{ name: it, image: "shop/it:1", ports: [{ containerPort: 80 }], env: [{ name: STOCK_URL, value: "http://stock" }] }',
);
const system =
  caller + serviceOf('it') + workload('stock', '{ name: stock, image: "shop/stock:1" }') + serviceOf('stock');
const hostPort = (image: string, name = 'other') =>
  workload(name, `{ name: ${name}, image: "${image}", ports: [{ containerPort: 9100, hostPort: 9100 }] }`, {
    kind: 'DaemonSet',
  });

test('the edge of a system is let in by an application or a gateway, not by an exporter on its node', () => {
  expect(judge(system)).toBe('warn NO_WAY_IN');
  expect(judge(system + hostPort('prom/node-exporter:v1.9.1'))).toBe('warn NO_WAY_IN');
  expect(judge(system + hostPort('fluent/fluent-bit:3.2.4'))).toBe('warn NO_WAY_IN');
  expect(judge(system + hostPort('traefik:v3.5'))).toBe('n-a NOT_EXPOSED');
  expect(judge(system + hostPort('shop/shell:1'))).toBe('n-a NOT_EXPOSED');
});

test('a gateway that calls it is its way in', () => {
  const envoy = workload(
    'front',
    '{ name: front, image: "envoyproxy/envoy:v1.34", env: [{ name: UPSTREAM_URL, value: "http://it" }] }',
  );
  expect(judge(system + envoy)).toBe('n-a NOT_EXPOSED');
});
