import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openTicket, seal, unseal } from '../src/platform/sessions/seal.ts';
import { Sessions } from '../src/platform/sessions/sessions.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { routesFile, startGateway } from './support/gateway.ts';
import { comeBack, logIn, loginSettings, startLoginProvider } from './support/login-provider.ts';
import { redisFor, withoutRedis } from './support/redis.ts';
import { json, startUpstream } from './support/upstream.ts';

const routes = `
routes:
  - { path: '/api/open/*', service: orders, auth: none }
  - { path: '/api/mine/*', service: orders, auth: session }
  - { path: '/api/either/*', service: orders, auth: any, scopes: ['orders:read'] }
  - { path: '/api/admin/*', service: orders, auth: session, scopes: [admin] }
  - { path: '/api/exact/*', service: orders, auth: session, token: exchange, audience: order-service }
  - { path: '/api/never/*', service: orders, auth: session, token: exchange, audience: nobody }
  - { path: '/api/live/*', service: orders, auth: session, websocket: true }
`;

async function start(t: TestContext, replicas = 1) {
  const provider = await startLoginProvider(t);
  const redis = await redisFor(t);
  const orders = await startUpstream(t, json(200, {}));
  const env = { AUTH_ISSUER: provider.issuer, REDIS_URL: redis.url, ...loginSettings };
  const gateways = [];
  for (let i = 0; i < replicas; i++) gateways.push(await startGateway(t, routes, { orders }, env));
  const [gateway] = gateways as [(typeof gateways)[number]];
  for (const { app } of gateways) await eventually('Redis is there', () => app.redis.status === 'ready');
  return { ...gateway, gateways, provider, redis, orders };
}

const ask = (url: string, cookie: string, init: RequestInit = {}) =>
  fetch(url, { ...init, headers: { cookie, ...(init.headers as Record<string, string>) } });

test('a browser logs in, and its upstream gets the token and the other cookies, never the session', {
  skip: withoutRedis,
}, async (t) => {
  const { url, orders } = await start(t);
  const refused = await fetch(`${url}/api/mine/1`, { redirect: 'manual' });
  assert.equal(refused.status, 401);
  assert.equal((await bodyOf(refused)).login, '/auth/login');

  const { cookie, landed } = await logIn(url, '/welcome?x=1');
  assert.equal(landed, '/welcome?x=1');
  assert.match(cookie, /^__Host-session=[\w-]{43}$/);
  assert.equal((await ask(`${url}/api/mine/1`, `theme=dark; ${cookie}; lang=en`)).status, 200);
  const [{ headers } = { headers: {} as Record<string, string> }] = orders.requests;
  assert.equal(headers.cookie, 'theme=dark; lang=en');
  assert.match(headers.authorization ?? '', /^Bearer \S+$/);
  assert.deepEqual(await bodyOf(await ask(`${url}/auth/session`, cookie)), {
    subject: 'user-1',
    scopes: ['openid', 'offline_access', 'orders:read'],
  });
  assert.equal((await ask(`${url}/api/either/1`, cookie)).status, 200);
  assert.equal((await ask(`${url}/api/admin/1`, cookie)).status, 403);
});

test('the cookie is for this host alone, out of reach of scripts, and no answer with it is kept', {
  skip: withoutRedis,
}, async (t) => {
  const { url } = await start(t);
  const { headers, status } = await fetch(`${url}/auth/login`, { redirect: 'manual' });
  assert.equal(status, 302);
  assert.match(
    headers.getSetCookie()[0] ?? '',
    /^__Host-login-[\w-]{16}=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/,
  );
  assert.equal(headers.get('cache-control'), 'no-store');
  const location = new URL(headers.get('location') ?? '');
  assert.equal(location.searchParams.get('code_challenge_method'), 'S256');
  for (const name of ['state', 'nonce', 'code_challenge']) assert.ok(location.searchParams.get(name), name);
});

test('nobody is led elsewhere after a log-in', { skip: withoutRedis }, async (t) => {
  const { url } = await start(t);
  for (const back of [
    '//evil',
    '/\\evil',
    'https://evil',
    '/a/../../b',
    'evil',
    '/%5cevil',
    '/\tevil',
    '/?a\r\nx: y',
    '/?\u0100',
  ])
    assert.equal(
      (await fetch(`${url}/auth/login?return=${encodeURIComponent(back)}`, { redirect: 'manual' })).status,
      400,
      back,
    );
});

test('a log-in that was begun by somebody else, or twice, is none', { skip: withoutRedis }, async (t) => {
  const { url } = await start(t);
  assert.equal((await fetch(`${url}/auth/callback?code=x&state=y`)).status, 400);
  const begun = await fetch(`${url}/auth/login`, { redirect: 'manual' });
  const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? '';
  for (const answer of ['state=forged', `state=${state.slice(0, 16)}forged`, `state=${state}`, `state=${state}`])
    assert.equal((await ask(`${url}/auth/callback?code=x&${answer}`, cookie)).status, 400);
});

test('log-ins in two pages at once both come to their end, whichever is first', { skip: withoutRedis }, async (t) => {
  const { url } = await start(t);
  const begin = async (cookies: string) => {
    const begun = await ask(`${url}/auth/login`, cookies, { redirect: 'manual' });
    return { cookies: begun.headers.getSetCookie(), location: begun.headers.get('location') ?? '' };
  };
  const first = await begin('');
  const [kept = ''] = first.cookies[0]?.split(';') ?? [];
  const second = await begin(kept);
  assert.notEqual(second.cookies[0]?.split('=')[0], kept.split('=')[0]);
  const cookies = [first, second].map((begun) => begun.cookies[0]?.split(';')[0]).join('; ');
  for (const { location } of [first, second]) assert.equal((await comeBack(url, location, cookies)).status, 302);
  const many = Array.from({ length: 16 }, (_, number) => `__Host-login-${number}=x`).join('; ');
  const cleared = (await begin(many)).cookies.filter((cookie) => /^__Host-login-\d+=; .*Max-Age=0/.test(cookie));
  assert.equal(cleared.length, 16);
});

test('what the provider does not say of scopes is as it was asked, also after a refresh', {
  skip: withoutRedis,
}, async (t) => {
  const { url, provider } = await start(t);
  provider.tellsScope = false;
  provider.lifetimeS = 1;
  const { cookie } = await logIn(url);
  assert.equal((await ask(`${url}/api/either/1`, cookie)).status, 200);
  provider.lifetimeS = 3_600;
  await eventually('the token is renewed', async () => {
    assert.equal((await ask(`${url}/api/either/1`, cookie)).status, 200);
    return provider.refreshes > 0;
  });
  assert.equal((await ask(`${url}/api/either/1`, cookie)).status, 200);
});

test('an upstream cannot give anybody a session', { skip: withoutRedis }, async (t) => {
  const { url, orders } = await start(t);
  orders.answer = (_request, response) => {
    const cookies = ['theme=dark', '__Host-session=evil; Path=/; Secure', '__Host-login-1=evil', 'b=2'];
    response.writeHead(200, { 'set-cookie': cookies }).end();
  };
  const { headers } = await fetch(`${url}/api/open/1`);
  assert.deepEqual(headers.getSetCookie(), ['theme=dark', 'b=2']);
});

test('what changes something needs a header that no other page can send', { skip: withoutRedis }, async (t) => {
  const { url, orders } = await start(t);
  const { cookie } = await logIn(url);
  const write = (headers: Record<string, string>) =>
    ask(`${url}/api/mine/1`, cookie, { method: 'POST', body: 'x', headers });
  assert.equal((await write({})).status, 403);
  assert.equal(orders.requests.length, 0);
  assert.equal((await write({ 'x-csrf-token': '1' })).status, 200);
  const handshake = { connection: 'Upgrade', upgrade: 'websocket' };
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const asked = request(`${url}/api/live/1`, { headers: { cookie, origin: 'https://evil.example', ...handshake } });
    asked
      .on('response', (response) => resolve(response.statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(status, 403);
});

test('a log-out ends the session on every replica, and at the provider', { skip: withoutRedis }, async (t) => {
  const { url, gateways, provider } = await start(t, 2);
  const { cookie } = await logIn(url);
  const other = gateways[1]?.url ?? '';
  assert.equal((await ask(`${other}/api/mine/1`, cookie)).status, 200);
  assert.equal((await ask(`${url}/auth/logout`, cookie, { method: 'POST' })).status, 403);
  const left = await ask(`${url}/auth/logout`, cookie, { method: 'POST', headers: { 'x-csrf-token': '1' } });
  assert.equal(left.status, 204);
  assert.match(left.headers.getSetCookie()[0] ?? '', /^__Host-session=; .*Max-Age=0/);
  assert.equal((await ask(`${url}/api/mine/1`, cookie)).status, 401);
  assert.equal(provider.revocations, 1);
  await eventually('the other one knows', async () => (await ask(`${other}/api/mine/1`, cookie)).status === 401);
});

test('however many requests meet an old token on however many replicas: one refresh, and none is lost', {
  skip: withoutRedis,
}, async (t) => {
  const { url, gateways, provider, orders } = await start(t, 3);
  provider.lifetimeS = 1;
  const { cookie } = await logIn(url);
  provider.lifetimeS = 3_600;
  provider.slowMs = 200;
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const statuses = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const response = await ask(`${gateways[i % 3]?.url}/api/mine/${i}`, cookie);
      await response.arrayBuffer();
      return response.status;
    }),
  );
  assert.deepEqual([...new Set(statuses)], [200]);
  assert.equal(provider.refreshes, 1);
  assert.equal(new Set(orders.requests.map(({ headers }) => headers.authorization)).size, 1);
});

const signedIn = {
  ...{ subject: 'a', sid: undefined, accessToken: 'old', refreshToken: 'r', scopes: [] },
  renewAt: 1_000,
  expiresAt: 2_000,
};

test('a token that is about to end is renewed while requests go on', { skip: withoutRedis }, async (t) => {
  const { app } = await start(t);
  let release = () => {};
  const asked: string[] = [];
  const provider = {
    revoke: async () => {},
    refresh: (token: string) => {
      asked.push(token);
      const tokens = { accessToken: 'new', refreshToken: 'r2', scopes: [], renewAt: 9_000, expiresAt: 10_000 };
      return new Promise<typeof tokens>((resolve) => {
        release = () => resolve(tokens);
      });
    },
  };
  let now = 0;
  const sessions = new Sessions({ redis: app.redis, provider, lifetimeMs: 60_000, secret: 's', now: () => now });
  const ticket = await sessions.open(signedIn);
  now = 1_500;
  for (let i = 0; i < 3; i++) assert.equal((await sessions.find(ticket))?.accessToken, 'old');
  await eventually('the provider is asked', () => asked.length > 0);
  release();
  await eventually('it is renewed', async () => (await sessions.find(ticket))?.accessToken === 'new');
  assert.deepEqual(asked, ['r']);
});

test('a log-out during a refresh stays one, and what came of the refresh is given back', {
  skip: withoutRedis,
}, async (t) => {
  const { url, provider } = await start(t);
  provider.lifetimeS = 1;
  const { cookie } = await logIn(url);
  provider.lifetimeS = 3_600;
  provider.slowMs = 500;
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const asked = ask(`${url}/api/mine/1`, cookie);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await ask(`${url}/auth/logout`, cookie, { method: 'POST', headers: { 'x-csrf-token': '1' } });
  assert.equal((await asked).status, 401);
  assert.equal((await ask(`${url}/api/mine/1`, cookie)).status, 401);
  assert.ok(provider.revocations >= 1);
});

test('the provider is away: good tokens go on, old ones are 503, public routes know nothing of it', {
  skip: withoutRedis,
}, async (t) => {
  const { url, provider } = await start(t);
  const { cookie: good } = await logIn(url);
  provider.lifetimeS = 1;
  const { cookie: old } = await logIn(url);
  await provider.stop();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  assert.equal((await ask(`${url}/api/mine/1`, good)).status, 200);
  const refused = await ask(`${url}/api/mine/1`, old);
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '5']);
  assert.equal((await fetch(`${url}/api/open/1`)).status, 200);
});

test('Redis is away when a token has been renewed: it is kept once Redis is back, or the session would be over', {
  skip: withoutRedis,
}, async (t) => {
  const { app, redis } = await start(t);
  let now = 0;
  const tokens = { accessToken: 'new', refreshToken: 'r2', scopes: [], renewAt: 9_000, expiresAt: 10_000 };
  const provider = {
    revoke: async () => {},
    refresh: async () => {
      process.kill(redis.pid, 'SIGSTOP');
      setTimeout(() => process.kill(redis.pid, 'SIGCONT'), 1_000);
      return tokens;
    },
  };
  const options = { redis: app.redis, provider, lifetimeMs: 60_000, secret: 's', now: () => now };
  const sessions = new Sessions(options);
  const ticket = await sessions.open(signedIn);
  now = 2_000;
  assert.equal((await sessions.find(ticket))?.accessToken, 'new');
  assert.equal((await new Sessions(options).find(ticket))?.refreshToken, 'r2');
});

test('Redis is away: sessions are 503, those seen a moment ago and public routes go on', {
  skip: withoutRedis,
}, async (t) => {
  const { url, redis, app } = await start(t);
  const { cookie } = await logIn(url);
  let now = 0;
  const provider = { refresh: () => Promise.reject(new Error('not asked')), revoke: async () => {} };
  const sessions = new Sessions({ redis: app.redis, provider, lifetimeMs: 60_000, secret: 's', now: () => now });
  const ticket = await sessions.open(signedIn);
  assert.ok(await sessions.find(ticket));
  process.kill(redis.pid, 'SIGSTOP');
  try {
    assert.equal((await fetch(`${url}/api/open/1`)).status, 200);
    assert.equal((await ask(`${url}/api/mine/1`, '__Host-session=unknown')).status, 503);
    assert.equal((await fetch(`${url}/auth/login`, { redirect: 'manual' })).status, 503);
    assert.ok(await sessions.find(ticket));
    now = 2_000;
    await assert.rejects(sessions.find(ticket), { name: 'SessionUnknown' });
  } finally {
    process.kill(redis.pid, 'SIGCONT');
  }
  await eventually('it goes on', async () => (await ask(`${url}/api/mine/1`, cookie)).status === 200);
});

test('a deployment whose routes need sessions and that has none does not start', async (t) => {
  const { file } = await routesFile(t, routes);
  const env = {
    NODE_ENV: 'production',
    ROUTES_FILE: file,
    AUTH_ISSUER: 'http://127.0.0.1:1',
    REDIS_URL: 'redis://127.0.0.1:1',
  };
  await assert.rejects(
    startApp(t, { env }),
    /SESSION_CLIENT_ID is missing: \/api\/mine\/\* asks for a session or an exchange/,
  );
});

test('an upstream gets a token of its own, exchanged once while it is good', { skip: withoutRedis }, async (t) => {
  const { url, orders, provider } = await start(t);
  const { cookie } = await logIn(url);
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(`${url}/api/exact/1`, cookie)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.deepEqual(provider.exchanged, ['order-service']);
  const sent = new Set(orders.requests.map(({ headers }) => headers.authorization));
  await ask(`${url}/api/mine/1`, cookie);
  assert.equal(sent.size, 1);
  assert.ok(!sent.has(orders.requests.at(-1)?.headers.authorization));
  assert.equal((await ask(`${url}/api/never/1`, cookie)).status, 403);
  await provider.stop();
  assert.equal((await ask(`${url}/api/exact/1`, cookie)).status, 200);
});

test('a log-out elsewhere ends the session here, and nothing but the provider can say so', {
  skip: withoutRedis,
}, async (t) => {
  const { url, provider } = await start(t);
  const { cookie } = await logIn(url);
  const { cookie: other } = await logIn(url);
  assert.equal((await ask(`${url}/api/mine/1`, cookie)).status, 200);
  const tell = (token: string) =>
    fetch(`${url}/auth/backchannel-logout`, { method: 'POST', body: new URLSearchParams({ logout_token: token }) });
  for (const forged of [
    '',
    'x.y.z',
    await provider.sign({ sub: 'user-1' }),
    await provider.logoutToken({ aud: 'another' }),
  ])
    assert.equal((await tell(forged)).status, 400, forged);
  assert.equal((await ask(`${url}/api/mine/1`, cookie)).status, 200);
  assert.equal((await tell(await provider.logoutToken({ sid: 'somebody else' }))).status, 200);
  assert.equal((await ask(`${url}/api/mine/1`, cookie)).status, 200);
  assert.equal((await tell(await provider.logoutToken({ sub: 'user-1' }))).status, 200);
  for (const session of [cookie, other]) assert.equal((await ask(`${url}/api/mine/1`, session)).status, 401);
});

test('a copy of Redis says nothing', { skip: withoutRedis }, async (t) => {
  const { url, app } = await start(t);
  const { cookie } = await logIn(url);
  await ask(`${url}/api/mine/1`, cookie);
  const keys = (await app.redis.keys('*')).filter((key) => key.includes('session:'));
  assert.equal(keys.length, 1);
  const prefix = app.redis.options.keyPrefix ?? '';
  const all = (await app.redis.keys('*')).join();
  const stored = all + (await app.redis.get((keys[0] ?? '').slice(prefix.length)));
  const ticket = cookie.split('=')[1] ?? '?';
  for (const secret of [ticket, 'user-1', 'accessToken', 'orders']) assert.ok(!stored.includes(secret), secret);
});

test('a cookie that is longer than a ticket is none, and nothing of it is remembered', {
  skip: withoutRedis,
}, async (t) => {
  const { url, app } = await start(t);
  const { cookie } = await logIn(url);
  const asked = t.mock.method(app.redis, 'get');
  for (const path of ['/api/mine/1', '/auth/session'])
    assert.equal((await ask(url + path, `${cookie}x`.repeat(2))).status, 401);
  assert.equal(asked.mock.callCount(), 0);
});

test('what is sealed opens with its own ticket alone, in its own place, unchanged', () => {
  const [own, other] = [openTicket('a'), openTicket('b')];
  const sealed = seal({ x: 1 }, own);
  assert.deepEqual(unseal(sealed, own), { x: 1 });
  assert.equal(unseal(sealed, other), undefined);
  assert.equal(unseal(sealed, { ...own, id: other.id }), undefined);
  const bytes = Buffer.from(sealed, 'base64');
  bytes.writeUInt8(bytes.readUInt8(30) ^ 1, 30);
  assert.equal(unseal(bytes.toString('base64'), own), undefined);
  assert.equal(unseal('', own), undefined);
});
