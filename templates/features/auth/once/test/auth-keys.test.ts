import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { service } from '../src/identity.ts';
import { verifyAccessToken } from '../src/platform/auth/access-token.ts';
import { fetchKeysAt } from '../src/platform/auth/discovery.ts';
import { KeySet } from '../src/platform/auth/key-set.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { bearer } from './support/identity-provider.ts';
import { json, startUpstream } from './support/upstream.ts';

const issuer = 'https://identity.example.com';
const claims = { iss: issuer, aud: service.name, sub: 'somebody' };
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

/** A key of a provider, with an id or without. */
async function newKey(kid?: string) {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  return {
    jwk: { ...(await exportJWK(publicKey)), ...(kid && { kid }) },
    sign: (payload: Record<string, unknown> = { ...claims, exp: inAnHour() }) =>
      new SignJWT(payload).setProtectedHeader({ alg: 'ES256', ...(kid && { kid }) }).sign(privateKey),
  };
}
type Key = Awaited<ReturnType<typeof newKey>>;

const keysOf = (...keys: Key[]) => json(200, { keys: keys.map(({ jwk }) => jwk) });

/** The service, and the address of keys that it trusts. */
async function start(t: TestContext, answer: ReturnType<typeof json>, env: Record<string, string> = {}) {
  const provider = await startUpstream(t, answer);
  const { url, logs } = await startApp(t, {
    env: { AUTH_ISSUER: issuer, AUTH_JWKS_URL: `${provider.url}/keys`, AUTH_KEYS_COOLDOWN_MS: '0', ...env },
    extend: async (app) => {
      app.get('/me', async () => ({}));
    },
  });
  const ask = async (token: string) => fetch(`${url}/me`, bearer(token));
  return { ask, url, logs, provider };
}

test('keys may have an address of their own, and no id: each that fits is tried', async (t) => {
  const [first, second, stranger] = [await newKey(), await newKey(), await newKey()];
  const { ask, provider } = await start(t, keysOf(first, second));
  assert.equal((await ask(await first.sign())).status, 200);
  assert.equal((await ask(await second.sign())).status, 200);
  const refused = await ask(await stranger.sign());
  assert.equal(refused.status, 401);
  assert.equal((await bodyOf(refused)).title, 'The signature of the token does not fit');
  assert.deepEqual([...new Set(provider.requests.map(({ url }) => url))], ['/keys']);
});

test('keys without an id are rotated without a restart too', async (t) => {
  const [before, after] = [await newKey(), await newKey()];
  const { ask, provider } = await start(t, keysOf(before));
  assert.equal((await ask(await before.sign())).status, 200);
  provider.answer = keysOf(after);
  assert.equal((await ask(await after.sign())).status, 200);
  assert.equal((await ask(await before.sign())).status, 401);
});

test('a token without an end, or without somebody it is about, is no token', async (t) => {
  const key = await newKey('a');
  const { ask } = await start(t, keysOf(key));
  const withoutSubject = { iss: issuer, aud: service.name, exp: inAnHour() };
  for (const [name, payload] of Object.entries({ exp: claims, sub: withoutSubject })) {
    const refused = await ask(await key.sign(payload));
    assert.equal(refused.status, 401);
    assert.equal((await bodyOf(refused)).title, `The claim "${name}" of the token does not fit`);
  }
  assert.equal((await ask(await key.sign({ ...claims, exp: inAnHour() - 7_200 }))).status, 401);
});

test('scopes stand in scope or in scp, as words or as a list', async () => {
  const key = await newKey('a');
  const keys = new KeySet({ fetch: async () => ({ keys: [key.jwk] }), cooldownMs: 0 });
  const rules = { issuer, audience: service.name, algorithms: ['ES256'], clockToleranceS: 0 };
  for (const given of [{ scope: 'a b' }, { scp: 'a b' }, { scp: ['a', 'b'] }]) {
    const { scopes } = await verifyAccessToken(await key.sign({ ...claims, exp: inAnHour(), ...given }), keys, rules);
    assert.deepEqual([...scopes], ['a', 'b']);
  }
});

test('keys are fetched again behind the requests: none waits for it, and a withdrawn key stops to count', async (t) => {
  const [old, young] = [await newKey('old'), await newKey('young')];
  const { ask, provider } = await start(t, keysOf(old), { AUTH_KEYS_MAX_AGE_MS: '20' });
  const token = await old.sign();
  assert.equal((await ask(token)).status, 200);
  const held: ServerResponse[] = [];
  provider.answer = (_request, response) => void held.push(response);
  await eventually('the keys are asked for again', () => held.length > 0);
  assert.equal((await ask(token)).status, 200);
  assert.equal(held[0]?.destroyed, false, 'that was answered while the keys were on their way');

  provider.answer = keysOf(young);
  held[0]?.end(JSON.stringify({ keys: [young.jwk] }));
  await eventually('the old key is refused, by itself', async () => (await ask(token)).status === 401);
});

test('where keys cannot be fetched the reason is told once, and once that it is over', async (t) => {
  const key = await newKey('a');
  const { ask, url, logs, provider } = await start(t, json(500, {}));
  const token = await key.sign();
  for (let i = 0; i < 3; i++) assert.equal((await ask(token)).status, 503);
  const { checks } = await bodyOf(await fetch(`${url}/health`));
  assert.match(checks['identity-provider'].error, /\/keys answers 500/);

  provider.answer = keysOf(key);
  await eventually('they are fetched', async () => (await ask(token)).status === 200);
  const told = logs.filter(({ msg }) => String(msg).startsWith('the keys of the identity provider'));
  assert.deepEqual(
    told.map(({ level }) => level),
    ['warn', 'info'],
  );
  assert.match(JSON.stringify(told[0]), /answers 500/);
});

test('a fetch that failed has a cooldown of its own, a short one, and is told of once', async () => {
  let now = 0;
  let fetches = 0;
  const told: (string | undefined)[] = [];
  const keys = new KeySet({
    onChange: (trouble) => told.push(trouble?.message),
    fetch: async () => {
      fetches += 1;
      throw new Error('away');
    },
    cooldownMs: 30_000,
    retryMs: 1_000,
    now: () => now,
  });
  for (const [at, expected] of [
    [0, 1],
    [999, 1],
    [1_000, 2],
    [1_999, 2],
    [2_000, 3],
  ] as const) {
    now = at;
    assert.equal(await keys.refresh(), false);
    assert.equal(fetches, expected, `at ${at} ms`);
  }
  assert.deepEqual(told, ['away']);
});

test('keys without an end are not read', async (t) => {
  const provider = await startUpstream(t, (_request, response) => {
    const write = () => void (response.destroyed || response.write(Buffer.alloc(65_536, ' '), write));
    write();
  });
  await assert.rejects(fetchKeysAt(provider.url), /more than \d+ bytes/);
});
