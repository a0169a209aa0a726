import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLogIns } from '../scripts/auth/log-ins.ts';
import { startIdentityProvider } from '../scripts/auth/provider.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { routesFile, startGateway } from './support/gateway.ts';
import { redisFor, withoutRedis } from './support/redis.ts';
import { json, startUpstream } from './support/upstream.ts';

const publicUrl = 'http://edge.example.com';
const routes = `
routes:
  - { path: '/api/mine/*', service: orders, auth: session, scopes: ['orders:read'] }
  - { path: '/api/yours/*', service: orders, auth: any, scopes: ['orders:write'] }
`;

/** What a person does who takes every page as it is, by the name of alice. @returns cookies of the gateway */
async function logIn(gateway: string): Promise<string> {
  const jars = new Map<string, Map<string, string>>();
  let [next, form]: [URL, URLSearchParams | undefined] = [new URL('/auth/login', gateway), undefined];
  for (let hops = 0; hops < 20; hops++) {
    const jar = jars.get(next.origin) ?? new Map<string, string>();
    jars.set(next.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = form ? { method: 'POST', body: form } : {};
    const response = await fetch(next, { ...sent, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    const page = await response.text();
    const location = response.headers.get('location');
    if (next.pathname === '/auth/callback' && location) return [...jar].map((pair) => pair.join('=')).join('; ');
    const [, action, prompt = ''] = /action="([^"]+)"[\s\S]*?name="prompt" value="(\w+)"/.exec(page) ?? [];
    const target = location?.replace(publicUrl, gateway) ?? action;
    if (!target) throw new Error(`${next} answered ${response.status}: ${page}`);
    form = location ? undefined : new URLSearchParams({ prompt, login: 'alice', password: 'any' });
    next = new URL(target, next);
  }
  throw new Error('too many redirects');
}

test('the provider of npm run dev logs anybody in, with the scopes that the routes ask for', {
  skip: withoutRedis,
}, async (t) => {
  const { file } = await routesFile(t, routes);
  const settings = { PUBLIC_URL: publicUrl, ROUTES_FILE: file };
  const logIns = await findLogIns(settings);
  const { issuer, stop } = await startIdentityProvider({ logIns: logIns?.configuration });
  t.after(stop);
  const orders = await startUpstream(t, json(200, {}));
  const { url: redis } = await redisFor(t);
  const env = { ...settings, ...logIns?.env, AUTH_ISSUER: issuer, REDIS_URL: redis };
  const { app, url } = await startGateway(t, routes, { orders }, env);
  await eventually('Redis is there', () => app.redis.status === 'ready');

  const cookie = await logIn(url);
  const who = await bodyOf(await fetch(`${url}/auth/session`, { headers: { cookie } }));
  assert.equal(who.subject, 'alice');
  assert.deepEqual(logIns?.scopes, ['orders:read', 'orders:write']);
  for (const path of ['/api/mine/1', '/api/yours/1'])
    assert.equal((await fetch(`${url}${path}`, { headers: { cookie } })).status, 200);
});

test('who is the client of another provider logs in there', async () => {
  assert.equal(await findLogIns({ SESSION_CLIENT_ID: 'edge' }), undefined);
});
