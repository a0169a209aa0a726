import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { testDatabase } from './support/postgres.ts';

const env = { DATABASE_URL: await testDatabase() };
const request = { customerId: 'c-1', items: [{ sku: 'tea', quantity: 2 }] };

test('an order outlives the process, and a repeated request makes no second one', async (t) => {
  const place = (url: string) =>
    fetch(`${url}/v1/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': '"order-1"' },
      body: JSON.stringify(request),
    });
  const first = await startApp(t, { env });
  const order = await bodyOf(await place(first.url));
  await first.app.close();

  const { url } = await startApp(t, { env });
  assert.deepEqual(await bodyOf(await place(url)), order);
  assert.deepEqual((await bodyOf(await fetch(`${url}/v1/orders`))).orders, [order]);
});
