import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client, otherClient } from '../scripts/auth/provider.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { bearer, identityProviderFor } from './support/identity-provider.ts';
import { testDatabase } from './support/postgres.ts';

test('an Idempotency-Key belongs to its caller: nobody gets the answer to a request of another', async (t) => {
  const provider = await identityProviderFor(t);
  const { url } = await startApp(t, {
    env: { AUTH_ISSUER: provider.issuer, DATABASE_URL: await testDatabase() },
    extend: async (app) => {
      app.post('/secrets', async ({ caller }) => ({ of: caller?.subject }));
    },
  });
  const ask = async (by: typeof client) => {
    const { headers } = bearer(await provider.token({ by }));
    const response = await fetch(`${url}/secrets`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': 'k-1' },
    });
    return [await bodyOf(response), response.headers.get('idempotency-replayed')];
  };
  assert.deepEqual(await ask(client), [{ of: 'dev' }, null]);
  assert.deepEqual(await ask(otherClient), [{ of: 'other' }, null]);
  assert.deepEqual(await ask(client), [{ of: 'dev' }, 'true']);
});
