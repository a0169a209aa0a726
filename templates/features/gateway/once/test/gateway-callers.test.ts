import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { service } from '../src/identity.ts';
import type { Caller } from '../src/platform/auth/access-token.ts';
import { CheckedTokens } from '../src/platform/gateway/checked-tokens.ts';
import { LocalRates, SharedRates } from '../src/platform/gateway/rate-limit.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { startGateway } from './support/gateway.ts';
import { bearer, identityProviderFor } from './support/identity-provider.ts';
import { redisFor, withoutRedis } from './support/redis.ts';
import { json, startUpstream } from './support/upstream.ts';

const routes = `
cors: { origins: ['https://app.example.com'], credentials: true, maxAge: 1h }
routes:
  - { path: '/open/*', service: orders, auth: none }
  - { path: '/orders/*', service: orders, scopes: ['orders:read'] }
  - { path: '/quiet/*', service: orders, token: none }
  - { path: '/few/*', service: orders, rate: 3/h }
  - { path: '/rare/*', service: orders, auth: none, rate: 2/h }
`;

async function start(t: TestContext, env: Record<string, string> = {}) {
  const provider = await identityProviderFor(t);
  const orders = await startUpstream(t, json(200, {}));
  const gateway = await startGateway(t, routes, { orders }, { AUTH_ISSUER: provider.issuer, ...env });
  return { ...gateway, provider, orders };
}

test('a route asks for a token and its scopes, unless it says otherwise', async (t) => {
  const { url, provider, orders } = await start(t);
  const statusWith = async (path: string, token?: string) =>
    (await fetch(url + path, token === undefined ? {} : bearer(token))).status;
  const good = await provider.token({ scope: 'orders:read' });
  assert.equal(await statusWith('/orders/1', good), 200);
  assert.equal(orders.requests.at(-1)?.headers.authorization, `Bearer ${good}`);
  assert.equal(await statusWith('/orders/1'), 401);
  assert.equal(await statusWith('/orders/1', 'invented'), 401);
  assert.equal(await statusWith('/orders/1', await provider.token({ audience: 'other-service' })), 401);
  const refused = await fetch(`${url}/orders/1`, bearer(await provider.token({ scope: 'orders:write' })));
  assert.equal(refused.status, 403);
  assert.match(
    refused.headers.get('www-authenticate') ?? '',
    new RegExp(`realm="${service.name}", error="insufficient_scope"`),
  );
  assert.deepEqual((await bodyOf(refused)).missing_scopes, ['orders:read']);

  assert.equal(await statusWith('/quiet/1', good), 200);
  assert.equal(orders.requests.at(-1)?.headers.authorization, undefined);
  assert.equal(await statusWith('/open/1'), 200);
  // Of an upstream that looks at tokens itself: no matter of the gateway.
  assert.equal(await statusWith('/open/1', 'for somebody else'), 200);
});

/** A gateway that takes its time to find out who asks, and may not be told for as long as the test wants. */
async function startUndecided(t: TestContext) {
  const [orders, others] = [await startUpstream(t, json(200, {})), await startUpstream(t, json(200, {}))];
  const routesTo = (service: string) => `routes: [{ path: '/api/*', service: ${service} }]`;
  const gateway = await startGateway(t, routesTo('orders'), { orders, others });
  let asked = 0;
  let decide = () => {};
  const decided = new Promise<void>((resolve) => {
    decide = resolve;
  });
  gateway.app.checkToken = async () => {
    asked += 1;
    await decided;
    return { subject: 'a', clientId: undefined, scopes: new Set(), claims: {} };
  };
  const isAsked = () => eventually('it is looked at the token', () => asked > 0);
  return { ...gateway, orders, others, routesTo, decide, isAsked };
}

test('a client that is gone before it is known who asks is not asked for anywhere, and leaves nothing behind', async (t) => {
  const { url, app, logs, orders, decide, isAsked } = await startUndecided(t);
  const controller = new AbortController();
  const gone = fetch(`${url}/api/gone`, { ...bearer('gone'), signal: controller.signal });
  await isAsked();
  controller.abort();
  await assert.rejects(gone);
  await eventually('it is noticed', () => logs.some(({ status }) => status === 499));
  decide();
  assert.equal((await fetch(`${url}/api/there`, bearer('there'))).status, 200);
  assert.deepEqual(
    orders.requests.map(({ url: path }) => path),
    ['/api/there'],
  );
  await eventually('nothing is under way', () => app.gateway.exchanges.size === 0);
});

test('a request goes where the routes said when it came, also where they are others once it is known who asks', async (t) => {
  const { url, app, orders, others, routesTo, write, decide, isAsked } = await startUndecided(t);
  const asking = fetch(`${url}/api/1`, bearer('a'));
  await isAsked();
  await write(routesTo('others'));
  await eventually('the routes are others', () => app.gateway.rules.routes[0]?.service === 'others');
  decide();
  assert.equal((await asking).status, 200);
  assert.deepEqual([orders.requests.length, others.requests.length], [1, 0]);
});

test('a token that was good a moment ago is not checked again, but never beyond its end', async () => {
  let now = 1_000_000;
  let checks = 0;
  const tokens = new CheckedTokens(30_000, () => now);
  const check = async () => {
    checks += 1;
    return { subject: 'a', clientId: undefined, scopes: new Set<string>(), claims: { exp: 1_020 } } satisfies Caller;
  };
  for (let i = 0; i < 5; i++) await tokens.get('t', check);
  assert.equal(checks, 1);
  now = 1_020_001;
  await tokens.get('t', check);
  assert.equal(checks, 2);
  // What came once and not again is not kept.
  assert.equal(tokens.size, 0);
  for (let i = 0; i < 3; i++) await tokens.get(`t${i}`, async () => ({ ...(await check()), claims: { exp: 9_999 } }));
  assert.equal(tokens.size, 3);
  now += 30_000;
  await tokens.get('later', async () => ({ ...(await check()), claims: { exp: 9_999 } }));
  assert.equal(tokens.size, 1);
  await assert.rejects(
    tokens.get('bad', async () => Promise.reject(new Error('no'))),
    /no/,
  );
});

test('while the provider is away, public routes go on, and so do callers whose token is known', async (t) => {
  const { url, provider } = await start(t);
  const token = await provider.token({ scope: 'orders:read' });
  assert.equal((await fetch(`${url}/orders/1`, bearer(token))).status, 200);
  await provider.stop();
  assert.equal((await fetch(`${url}/orders/1`, bearer(token))).status, 200);
  assert.equal((await fetch(`${url}/open/1`)).status, 200);
});

test('each client has its own limit for each route: a caller by its token, others by their address', async (t) => {
  const { url, provider } = await start(t);
  const token = await provider.token();
  const ask = () => fetch(`${url}/few/1`, bearer(token));
  for (let i = 0; i < 3; i++) assert.equal((await ask()).status, 200);
  const refused = await ask();
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after')) > 3_000);
  assert.equal((await bodyOf(refused)).type, '/problems/too-many-requests');
  const other = await provider.token({ by: { id: 'other', secret: 'other' } });
  assert.equal((await fetch(`${url}/few/1`, bearer(other))).status, 200);
  for (const status of [200, 200, 429]) assert.equal((await fetch(`${url}/rare/1`)).status, status);
});

test('whoever has one IPv6 address has those beside it as well, and no limit more', async (t) => {
  const { url } = await start(t, { TRUSTED_PROXIES: '127.0.0.1' });
  const ask = async (address: string) =>
    (await fetch(`${url}/rare/1`, { headers: { 'x-forwarded-for': address } })).status;
  const asked = ['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:db8::3', '2001:db8:0:1::1', '203.0.113.1', '203.0.113.2'];
  const statuses: number[] = [];
  for (const address of asked) statuses.push(await ask(address));
  assert.deepEqual(statuses, [200, 200, 429, 200, 200, 200]);
});

test('a window ends, and the next one begins anew', () => {
  let now = 0;
  const rates = new LocalRates(() => now);
  const rate = { requests: 2, perMs: 1_000 };
  assert.deepEqual([rates.take('a', rate), rates.take('a', rate), rates.take('a', rate)], [0, 0, 1_000]);
  now = 1_000;
  assert.equal(rates.take('a', rate), 0);
});

test('replicas count together in Redis, and each for itself while that is away', { skip: withoutRedis }, async (t) => {
  const redis = await redisFor(t);
  const shared = { GATEWAY_RATES: 'redis', REDIS_URL: redis.url };
  const [first, second] = [await start(t, shared), await start(t, shared)];
  for (const { app } of [first, second]) await eventually('Redis is there', () => app.redis.status === 'ready');
  const ask = async ({ url }: { url: string }) => (await fetch(`${url}/rare/1`)).status;
  assert.deepEqual([await ask(first), await ask(second), await ask(first), await ask(second)], [200, 200, 429, 429]);
  await redis.stop();
  await eventually('they know', () => first.app.redis.status !== 'ready');
  assert.deepEqual([await ask(first), await ask(first), await ask(first)], [200, 200, 429]);
});

test('a Redis that does not answer is waited for once a second, not with every request', {
  skip: withoutRedis,
}, async (t) => {
  const redis = await redisFor(t);
  const { app } = await start(t, { REDIS_URL: redis.url });
  await eventually('Redis is there', () => app.redis.status === 'ready');
  let now = 0;
  const rates = new SharedRates(app.redis, () => now);
  const rate = { requests: 2, perMs: 60_000 };
  const asked = t.mock.method(app.redis, 'eval');
  process.kill(redis.pid, 'SIGSTOP');
  try {
    assert.equal(await rates.take('a', rate), 0);
    assert.equal(await rates.take('a', rate), 0);
    assert.equal(await rates.take('a', rate), 60_000);
    assert.equal(asked.mock.callCount(), 1);
  } finally {
    process.kill(redis.pid, 'SIGCONT');
  }
  now = 1_000;
  await rates.take('a', rate);
  assert.equal(asked.mock.callCount(), 2);
});

test('pages of the named origins may call, and may read refusals too', async (t) => {
  const { url, orders } = await start(t);
  orders.answer = json(200, {}, { 'access-control-allow-origin': '*' });
  const origin = 'https://app.example.com';
  const asked = {
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'x-a, content-type',
  };
  const preflight = await fetch(`${url}/orders/1`, { method: 'OPTIONS', headers: asked });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), origin);
  assert.equal(preflight.headers.get('access-control-allow-headers'), 'x-a, content-type');
  assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /PUT/);
  assert.equal(preflight.headers.get('access-control-max-age'), '3600');
  assert.equal(orders.requests.length, 0);

  const refused = await fetch(`${url}/orders/1`, { headers: { origin } });
  assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [401, origin]);
  const answered = await fetch(`${url}/open/1`, { headers: { origin } });
  assert.deepEqual(
    ['access-control-allow-origin', 'access-control-allow-credentials', 'vary'].map((name) =>
      answered.headers.get(name),
    ),
    [origin, 'true', 'origin'],
  );
  const stranger = await fetch(`${url}/open/1`, { headers: { origin: 'https://evil.example' } });
  assert.equal(stranger.headers.get('access-control-allow-origin'), null);
});

test('browsers are told what to keep to, unless the upstream says it itself', async (t) => {
  const { url, orders } = await start(t);
  const { headers } = await fetch(`${url}/open/1`);
  assert.deepEqual([headers.get('x-content-type-options'), headers.get('x-frame-options')], ['nosniff', 'DENY']);
  orders.answer = json(200, {}, { 'x-frame-options': 'SAMEORIGIN' });
  assert.equal((await fetch(`${url}/open/1`)).headers.get('x-frame-options'), 'SAMEORIGIN');
});
