import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from './support/app.ts';
import { bearer, identityProviderFor } from './support/identity-provider.ts';

test('who may read orders may not place them', async (t) => {
  const provider = await identityProviderFor(t);
  const { url } = await startApp(t, { env: { AUTH_ISSUER: provider.issuer } });
  const reader = bearer(await provider.token({ scope: 'orders:read' }));
  const writer = bearer(await provider.token({ scope: 'orders:write' }));
  const place = ({ headers }: { headers: Record<string, string> }) =>
    fetch(`${url}/v1/orders`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ customerId: 'c-1', items: [{ sku: 'tea', quantity: 2 }] }),
    });
  assert.equal((await place({ headers: {} })).status, 401);
  assert.equal((await place(reader)).status, 403);
  assert.equal((await place(writer)).status, 201);
  assert.equal((await fetch(`${url}/v1/orders`, writer)).status, 403);
  assert.equal((await fetch(`${url}/v1/orders`, reader)).status, 200);
});
