import { expect, test } from 'vitest';
import apiGateway from '../../../../src/check/checks/api-gateway.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

const orders = workload('orders', '{ name: orders, image: "shop/orders:1" }') + serviceOf('orders');
const stock = workload('stock', '{ name: stock, image: "shop/stock:1" }') + serviceOf('stock');
const balancer = serviceOf('it').replace('spec: {', 'spec: { type: LoadBalancer,');
const it = (container: string, more = '') =>
  workload('it', `{ name: it, ${container}, ports: [{ containerPort: 80 }]${more} }`) + balancer + orders + stock;
const env = (...pairs: string[]) =>
  it(
    'image: "shop/edge:1"',
    `, env: [${pairs.map((pair) => `{ name: ${pair.split(' ')[0]}, value: "${pair.split(' ')[1]}" }`).join(', ')}]`,
  );
const map = (name: string, key: string, content: string) => `
apiVersion: v1
kind: ConfigMap
metadata: { name: ${name} }
data:
  ${key}: |
${content.trim().replace(/^/gm, '    ')}
---
`;
const mounted = (key: string, content: string, image = 'shop/edge:1') =>
  workload(
    'it',
    `{ name: it, image: "${image}", ports: [{ containerPort: 80 }], volumeMounts: [{ name: conf, mountPath: /conf }] }`,
    {
      podSpec: ', volumes: [{ name: conf, configMap: { name: conf } }]',
    },
  ) +
  balancer +
  orders +
  stock +
  map('conf', key, content);

const judge = (yaml: string) => verdictOf(yaml, apiGateway);
const gateway = 'pass IS_A_GATEWAY';
const maybe = 'warn GATEWAY_NOT_PROVEN';
const merely = 'fail EXPOSED_DIRECTLY';

const spring = (target: string) => `
spring:
  cloud:
    gateway:
      routes:
        - id: orders
          uri: ${target}
          predicates: [Path=/orders/**]
`;
const envoy = (address: string) => `
static_resources:
  listeners: [{ name: in, address: { socket_address: { address: 0.0.0.0, port_value: 80 } } }]
  clusters:
    - name: orders
      load_assignment: { endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: ${address}, port_value: 80 } } } }] }] }
`;
const nginx = (files: string, ...targets: string[]) => `
server {
  listen 80;
  ${files}
${targets.map((target) => `  location /${target} {\n    proxy_pass http://${target}:80/;\n  }`).join('\n')}
}
`;

test.each<[what: string, yaml: string, verdict: string]>([
  ['Spring Cloud Gateway by variables', env('SPRING_CLOUD_GATEWAY_ROUTES_0_URI http://orders:80'), gateway],
  ['its newer names', env('SPRING_CLOUD_GATEWAY_SERVER_WEBFLUX_ROUTES_0_URI lb://orders'), gateway],
  [
    'by arguments',
    it('image: "shop/edge:1", args: ["--spring.cloud.gateway.routes[0].uri=http://orders:80"]'),
    gateway,
  ],
  ['by a file', mounted('application.yml', spring('lb://orders')), gateway],
  ['by properties', mounted('application.properties', 'spring.cloud.gateway.routes[0].uri=http://orders:80'), gateway],
  ['with routes to nobody here', mounted('application.yml', spring('https://api.example.com')), maybe],
  [
    'in a ConfigMap that it may read through the API',
    it('image: "shop/edge:1"') + map('it', 'application.yml', spring('http://orders:80')),
    maybe,
  ],
  [
    'in one of another',
    it('image: "shop/edge:1"') + map('settings', 'application.yml', spring('http://orders:80')),
    merely,
  ],
  ['Zuul', mounted('application.yml', 'zuul:\n  routes: { orders: { path: /orders/**, serviceId: orders } }'), gateway],
  ['YARP by variables', env('ReverseProxy__Clusters__orders__Destinations__a__Address http://orders:80'), gateway],
  [
    'YARP by a file',
    mounted(
      'appsettings.json',
      '{ "ReverseProxy": { "Routes": { "o": { "ClusterId": "o" } }, "Clusters": { "o": { "Destinations": { "a": { "Address": "http://orders:80/" } } } } } }',
    ),
    gateway,
  ],
  [
    'Ocelot',
    mounted(
      'ocelot.json',
      '{ "Routes": [{ "DownstreamPathTemplate": "/", "UpstreamPathTemplate": "/o", "DownstreamHostAndPorts": [{ "Host": "orders", "Port": 80 }] }] }',
    ),
    gateway,
  ],
  [
    'Express Gateway',
    mounted(
      'gateway.config.yml',
      'http: { port: 80 }\napiEndpoints: { orders: { host: "*" } }\nserviceEndpoints: { orders: { url: "http://orders:80" } }\npipelines: { a: {} }',
    ),
    gateway,
  ],
  [
    'KrakenD',
    mounted(
      'krakend.json',
      '{ "version": 3, "endpoints": [{ "endpoint": "/orders", "backend": [{ "host": ["http://orders:80"], "url_pattern": "/" }] }] }',
    ),
    gateway,
  ],
  [
    'one that is generated here',
    mounted(
      'routes.yaml',
      'cors: { origins: ["https://a.example"] }\nroutes:\n  - { path: "/api/*", service: orders }',
    ),
    gateway,
  ],
  [
    'routes that are something else',
    mounted('routes.yaml', 'routes:\n  - { path: "/api/*", service: orders }\n  - { from: a, service: orders }'),
    merely,
  ],
  ['Envoy', mounted('envoy.yaml', envoy('orders')), gateway],
  ['Envoy before the app beside it', mounted('envoy.yaml', envoy('127.0.0.1')), maybe],
  ['NGINX that hands everything on', mounted('default.conf', nginx('', 'orders')), gateway],
  [
    'NGINX with pages and several back ends',
    mounted('default.conf', nginx('root /srv/www;', 'orders', 'stock')),
    maybe,
  ],
  ['a frontend with a back end of its own', mounted('default.conf', nginx('root /srv/www;', 'orders')), merely],
  ['a frontend', mounted('default.conf', nginx('root /srv/www;')), merely],
  ['the product by its image', it('image: "shop/express-gateway:1.16"'), maybe],
  [
    'the program that is started',
    it('image: "shop/edge:1", command: [/usr/local/bin/envoy, -c, /etc/envoy.yaml]'),
    maybe,
  ],
  ['a word in a name', it('image: "shop/api-gateway:1"'), merely],
  ['an organisation of that name', it('image: "ghcr.io/envoy/web:1"'), merely],
  ['one that calls a service', env('ORDERS_URL http://orders:80'), merely],
  [
    'a file that is none of these',
    mounted('application.yml', 'spring: { application: { name: gateway } }\norders: { uri: "http://orders" }'),
    merely,
  ],
])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));

test('one that nobody is let in to is an edge without a way in all the same', () => {
  const closed = env('SPRING_CLOUD_GATEWAY_ROUTES_0_URI http://orders:80').replace('type: LoadBalancer, ', '');
  expect(judge(closed)).toBe('warn NO_WAY_IN');
});
