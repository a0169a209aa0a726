import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { describeRoutes } from '../scripts/openapi.ts';
import { service } from '../src/identity.ts';
import { type TokenRules, verifyAccessToken } from '../src/platform/auth/access-token.ts';
import { fetchKeys } from '../src/platform/auth/discovery.ts';
import { KeySet } from '../src/platform/auth/key-set.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { untilReady } from './support/health.ts';
import { bearer, identityProviderFor } from './support/identity-provider.ts';

/** The service with a few routes of its own, and the provider that it trusts. */
async function start(t: TestContext, env: Record<string, string> = {}) {
  const provider = await identityProviderFor(t);
  const service = await startApp(t, {
    env: { AUTH_ISSUER: provider.issuer, AUTH_KEYS_COOLDOWN_MS: '0', ...env },
    extend: async (app) => {
      app.get('/orders', { config: { scopes: ['orders:read'] } }, async ({ caller }) => ({ subject: caller?.subject }));
      app.get('/both', { config: { scopes: ['orders:read', 'orders:write'] } }, async () => ({}));
      app.get('/me', async ({ caller }) => ({ scopes: [...(caller?.scopes ?? [])] }));
      app.get('/quiet', { config: { quiet: true } }, async () => ({}));
      app.get('/open', { config: { public: true } }, async ({ caller }) => ({ known: caller !== null }));
    },
  });
  return { ...service, provider };
}

const challengeOf = (response: Response) => response.headers.get('www-authenticate');

test('a good token with the scope gets in, and the route knows who calls', async (t) => {
  const { url, provider } = await start(t);
  const token = await provider.token({ scope: 'orders:read orders:write' });
  const response = await fetch(`${url}/orders`, bearer(token));
  assert.equal(response.status, 200);
  assert.equal((await bodyOf(response)).subject, decodeJwt(token).sub);
  assert.deepEqual(await bodyOf(await fetch(`${url}/me`, bearer(token))), { scopes: ['orders:read', 'orders:write'] });
});

test('without a token: 401, and how to come back', async (t) => {
  const { url } = await start(t);
  for (const request of [{}, { headers: { authorization: 'Basic ZGV2OmRldg==' } }]) {
    const response = await fetch(`${url}/orders`, request);
    assert.equal(response.status, 401);
    assert.equal(challengeOf(response), `Bearer realm="${service.name}"`);
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    assert.equal((await bodyOf(response)).type, '/problems/token-missing');
  }
});

test('a token in the URL is no token', async (t) => {
  const { url, provider } = await start(t);
  assert.equal((await fetch(`${url}/me?access_token=${await provider.token()}`)).status, 401);
});

test('a good token without the scope: 403, and which scope is missing', async (t) => {
  const { url, provider } = await start(t);
  const response = await fetch(`${url}/orders`, bearer(await provider.token({ scope: 'orders:write' })));
  assert.equal(response.status, 403);
  assert.equal(
    challengeOf(response),
    `Bearer realm="${service.name}", error="insufficient_scope", scope="orders:read"`,
  );
  assert.deepEqual((await bodyOf(response)).missing_scopes, ['orders:read']);
});

test('a route that names several scopes needs them all', async (t) => {
  const { url, provider } = await start(t);
  const refused = await fetch(`${url}/both`, bearer(await provider.token({ scope: 'orders:read' })));
  assert.equal(refused.status, 403);
  assert.deepEqual((await bodyOf(refused)).missing_scopes, ['orders:write']);
  const both = bearer(await provider.token({ scope: 'orders:read orders:write' }));
  assert.equal((await fetch(`${url}/both`, both)).status, 200);
});

test('a token for another audience, of another issuer, or with a changed letter is refused', async (t) => {
  const { url, provider } = await start(t);
  const stranger = await identityProviderFor(t);
  const good = await provider.token({ scope: 'orders:read' });
  const [head, payload, signature = ''] = good.split('.');
  const refused = {
    'The claim "aud" of the token does not fit': await provider.token({ audience: 'other-service' }),
    'The signature of the token does not fit': await stranger.token({ scope: 'orders:read' }),
    'The token cannot be read': 'not-a-token',
  };
  for (const [reason, token] of Object.entries(refused)) {
    const response = await fetch(`${url}/orders`, bearer(token));
    assert.equal(response.status, 401);
    assert.match(challengeOf(response) ?? '', /error="invalid_token"/);
    assert.equal((await bodyOf(response)).title, reason);
  }
  const changed = `${head}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
  assert.equal((await fetch(`${url}/orders`, bearer(changed))).status, 401);
});

test('algorithms are pinned: neither "none" nor a public key as a shared secret gets in', async (t) => {
  const { url, provider } = await start(t);
  const claims = decodeJwt(await provider.token({ scope: 'orders:read' }));
  const [publicKey] = (await fetchKeys(provider.issuer)).keys;
  const secret = new TextEncoder().encode(JSON.stringify(publicKey).padEnd(64));
  const forged = [
    new UnsecuredJWT(claims).encode(),
    await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: publicKey?.kid ?? '' }).sign(secret),
  ];
  for (const token of forged) assert.equal((await fetch(`${url}/orders`, bearer(token))).status, 401);

  const other = await start(t, { AUTH_ALGORITHMS: 'RS256' });
  const response = await fetch(`${other.url}/orders`, bearer(await other.provider.token({ scope: 'orders:read' })));
  assert.equal((await bodyOf(response)).title, 'The token is signed by an algorithm that is not accepted');
});

test('a token that names another issuer is refused, whoever signed it', async (t) => {
  const provider = await identityProviderFor(t);
  const keys = new KeySet({ fetch: () => fetchKeys(provider.issuer), cooldownMs: 0 });
  const rules = { issuer: 'https://other.example', audience: service.name, algorithms: ['ES256'], clockToleranceS: 0 };
  await assert.rejects(verifyAccessToken(await provider.token(), keys, rules), {
    name: 'InvalidToken',
    message: 'The claim "iss" of the token does not fit',
  });
  await assert.rejects(fetchKeys(`${provider.issuer}/`), /calls itself/);
});

test('clocks may differ by the tolerance and no more', async (t) => {
  const provider = await identityProviderFor(t);
  const token = await provider.token();
  const { exp = 0 } = decodeJwt(token);
  const keys = new KeySet({ fetch: () => fetchKeys(provider.issuer), cooldownMs: 0 });
  const at = (seconds: number): TokenRules => ({
    issuer: provider.issuer,
    audience: service.name,
    algorithms: ['ES256'],
    clockToleranceS: 30,
    now: () => new Date((exp + seconds) * 1000),
  });
  assert.ok(await verifyAccessToken(token, keys, at(29)));
  await assert.rejects(verifyAccessToken(token, keys, at(31)), {
    name: 'InvalidToken',
    message: 'The token has expired',
  });
});

test('keys are rotated without a restart; tokens of the withdrawn key are refused', async (t) => {
  const { url, provider } = await start(t);
  const before = await provider.token();
  assert.equal((await fetch(`${url}/me`, bearer(before))).status, 200);
  await provider.rotateKeys();
  assert.equal((await fetch(`${url}/me`, bearer(await provider.token()))).status, 200);
  assert.equal((await fetch(`${url}/me`, bearer(before))).status, 401);
});

test('invented key ids do not make the service flood the provider', async (t) => {
  const provider = await identityProviderFor(t);
  let fetches = 0;
  let now = 0;
  const fetchCounted = () => {
    fetches += 1;
    return fetchKeys(provider.issuer);
  };
  const keys = new KeySet({ fetch: fetchCounted, cooldownMs: 30_000, now: () => now });
  const ask = (kid: string) => keys.find({ alg: 'ES256', kid }, { payload: '', signature: '' }).catch(() => undefined);
  for (let i = 0; i < 100; i++) await ask(`invented-${i}`);
  assert.equal(fetches, 1);
  now = 30_000;
  await Promise.all(Array.from({ length: 100 }, (_, i) => ask(`invented-again-${i}`)));
  assert.equal(fetches, 2);
});

test('while the provider is away, known keys go on counting', async (t) => {
  const { url, provider } = await start(t);
  const token = await provider.token();
  assert.equal((await fetch(`${url}/me`, bearer(token))).status, 200);
  await provider.stop();
  assert.equal((await fetch(`${url}/me`, bearer(token))).status, 200);
});

test('where it was never reached: degraded, and 503 instead of a wrong 401', async (t) => {
  const { url, provider } = await start(t, { AUTH_ISSUER: 'http://127.0.0.1:1' });
  const response = await fetch(`${url}/me`, bearer(await provider.token()));
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('retry-after'), '5');
  assert.equal((await bodyOf(await fetch(`${url}/health`))).checks['identity-provider'].status, 'degraded');
  await untilReady(url);
});

test('public routes, probes and the contract need no token', async (t) => {
  const { url, provider } = await start(t);
  for (const path of ['/open', '/health/live', '/metrics', '/openapi.json'])
    assert.equal((await fetch(url + path)).status, 200, path);
  await eventually('/health is there', async () => (await fetch(`${url}/health`)).status === 200);
  assert.deepEqual(await bodyOf(await fetch(`${url}/open`, bearer(await provider.token()))), { known: true });
  assert.equal((await fetch(`${url}/nowhere`)).status, 404);
});

test('without a provider only developers and tests are let in; anything else does not start', async (t) => {
  const env = { AUTH_ISSUER: '' };
  for (const NODE_ENV of ['production', 'staging', '']) {
    const message = /AUTH_ISSUER must be set unless NODE_ENV is development or test \(without it everybody may/;
    await assert.rejects(startApp(t, { env: { ...env, NODE_ENV } }), message, NODE_ENV);
  }
  for (const NODE_ENV of ['development', 'test']) {
    const { url } = await start(t, { ...env, NODE_ENV });
    assert.equal((await fetch(`${url}/orders`)).status, 200);
  }
});

test('a route that leaves no log line is not open for that', async (t) => {
  const { url, provider } = await start(t);
  assert.equal((await fetch(`${url}/quiet`)).status, 401);
  assert.equal((await fetch(`${url}/quiet`, bearer(await provider.token()))).status, 200);
});

test('every route of the contract says who may call it: by scopes, or that it is public', async (t) => {
  const silent: string[] = [];
  await startApp(t, {
    extend: async (app) => {
      app.addHook('onRoute', ({ method, url, config }) => {
        if (!config?.scopes && !config?.public) silent.push(`${method} ${url}`);
      });
    },
  });
  assert.deepEqual(silent, [], "give each `config: { scopes: ['…'] }`; an empty list for any good token");
});

test('the contract says what a caller needs', async (t) => {
  const said: Record<string, unknown> = {};
  await startApp(t, {
    extend: async (app) => {
      app.addHook('onRoute', ({ url, schema }) => {
        said[url] = schema?.security;
      });
      app.get('/scoped', { config: { scopes: ['a:read'] } }, async () => ({}));
      app.get('/open', { config: { public: true } }, async () => ({}));
      app.get('/plain', async () => ({}));
    },
  });
  assert.deepEqual([said['/scoped'], said['/open'], said['/plain']], [[{ bearer: ['a:read'] }], [], undefined]);
  const contract = await describeRoutes(process.env, { title: service.name, version: '1.0.0' });
  assert.deepEqual((contract as { security?: unknown }).security, [{ bearer: [] }]);
});
