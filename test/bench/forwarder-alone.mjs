// Brought into a generated gateway's scripts and run there: its forwarder on bare Fastify, without log, metrics and ids.
import fastify from 'fastify';
import { Exchange } from '../src/platform/gateway/exchange.ts';
import { refusedStatus, requestHeaders } from '../src/platform/gateway/headers.ts';
import { readTarget } from '../src/platform/gateway/path.ts';
import { parseRoutes } from '../src/platform/gateway/routes-file.ts';
import { RouteTable, upstreamPath } from '../src/platform/gateway/table.ts';
import { Upstream } from '../src/platform/gateway/upstream.ts';
import { clientSettings } from '../src/platform/http-client/settings.ts';

const { env } = process;
const routes = 'routes: [{ path: /api/orders/*, service: orders, rewrite: /v1/orders, auth: none }]';
const table = new RouteTable(parseRoutes(routes, 'routes.yaml').routes);
const app = fastify();
const settings = clientSettings('ORDERS', { url: env.ORDERS_URL })(env);
const upstream = new Upstream(app, 'orders', settings, { circuitChanged() {}, retrying() {} });

app.addHook('onRequest', async ({ raw, id }, reply) => {
  const target = readTarget(raw.url ?? '');
  const found = target && table.find(raw.method ?? '', target.path);
  if (refusedStatus(raw) !== undefined || !found || !('route' in found)) throw new Error('refused');
  const { route, rest } = found;
  await new Exchange({
    raw,
    reply,
    route,
    upstream,
    path: upstreamPath(route, target.path, rest) + target.query,
    headers: requestHeaders(raw, {
      client: { address: '127.0.0.1', protocol: 'http', host: raw.headers.host ?? '' },
      correlationId: id,
      timeoutMs: route.timeoutMs,
      passesToken: true,
      token: undefined,
      isOwnCookie: undefined,
    }),
    ownCors: false,
    isOwnCookie: undefined,
    isLeaving: () => false,
  }).begin();
});
app.get('/*', async () => {});
await app.listen({ port: Number(env.PORT), host: '127.0.0.1' });
