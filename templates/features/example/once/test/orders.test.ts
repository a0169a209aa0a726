import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOrder } from '../src/orders/order.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';

const request = { customerId: 'c-1', items: [{ sku: 'tea', quantity: 2 }] };

const place = (url: string, body: unknown) =>
  fetch(`${url}/v1/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('an order that was placed can be found where the answer says', async (t) => {
  const { url } = await startApp(t);
  const placed = await place(url, request);
  assert.equal(placed.status, 201);
  const order = await bodyOf(placed);
  assert.deepEqual({ ...order, id: '', placedAt: '' }, { ...request, id: '', placedAt: '', status: 'placed' });

  const found = await fetch(url + placed.headers.get('location'));
  assert.deepEqual(await bodyOf(found), order);
});

test('a list comes in pages', async (t) => {
  const { url } = await startApp(t);
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push((await bodyOf(await place(url, request))).id);

  // Where orders are in a database, other test files may place some in between.
  const listed = [ids[0]];
  while (listed.at(-1) !== ids[2]) {
    const page = await bodyOf(await fetch(`${url}/v1/orders?limit=1&after=${listed.at(-1)}`));
    assert.equal(page.orders.length, 1);
    assert.ok(!listed.includes(page.orders[0].id), 'a page begins after the last one');
    listed.push(page.orders[0].id);
  }
  assert.deepEqual(
    listed.filter((id) => ids.includes(id as string)),
    ids,
  );
});

test('an unknown order is a problem that programs can tell from others', async (t) => {
  const { url } = await startApp(t);
  const response = await fetch(`${url}/v1/orders/00000000-0000-4000-8000-000000000000`);
  assert.equal(response.status, 404);
  assert.equal((await bodyOf(response)).type, '/problems/order-not-found');
});

test('an order needs at least one of something', async (t) => {
  const { url } = await startApp(t);
  const response = await place(url, { customerId: 'c-1', items: [{ sku: 'tea', quantity: 0 }] });
  assert.equal(response.status, 400);
  assert.equal((await bodyOf(response)).errors[0].field, 'body.items.0.quantity');
});

test('the same article twice is one line', () => {
  const items = [
    { sku: 'tea', quantity: 1 },
    { sku: 'cup', quantity: 1 },
    { sku: 'tea', quantity: 2 },
  ];
  const order = placeOrder({ customerId: 'c-1', items }, { id: 'o-1', at: new Date(0) });
  assert.deepEqual(order.items, [
    { sku: 'tea', quantity: 3 },
    { sku: 'cup', quantity: 1 },
  ]);
});
