import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../src/platform/problem.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';

const DATABASE_URL = await testDatabase();
let gate = Promise.resolve();

/** A route that writes one row a request; `fail` in the body makes it fail after that. */
async function writing(app: FastifyInstance): Promise<void> {
  await app.database.query('create table if not exists notes (key text)');
  app.post<{ Body: { text: string; fail?: number } }>('/notes', async (request, reply) => {
    const { text, fail } = request.body;
    await app.database.query('insert into notes values ($1)', [request.idempotencyKey]);
    await gate;
    if (fail) throw new Problem(fail, 'no', 'No');
    return reply.code(201).header('location', `/notes/${text}`).send({ text });
  });
}

async function setUp(t: TestContext, settings: Record<string, string> = {}) {
  const { app, url } = await startApp(t, { env: { DATABASE_URL, ...settings }, extend: writing });
  const post = (key: string, body: unknown) =>
    fetch(`${url}/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });
  const rows = async (key: string) => (await app.database.query('select from notes where key = $1', [key])).rowCount;
  return { app, post, rows };
}

test('the same key twice: one row, and the stored answer', async (t) => {
  const { post, rows } = await setUp(t);
  const first = await post('"k-1"', { text: 'a' });
  const second = await post('"k-1"', { text: 'a' });

  assert.equal(first.headers.get('idempotency-replayed'), null);
  assert.equal(second.headers.get('idempotency-replayed'), 'true');
  assert.deepEqual([second.status, second.headers.get('location')], [201, '/notes/a']);
  assert.deepEqual(await bodyOf(second), await bodyOf(first));
  assert.equal(await rows('k-1'), 1);
});

test('fifty times at once: one row, fifty equal answers', async (t) => {
  // They wait for each other and for the few connections there are, for as long as this machine takes.
  const { post, rows } = await setUp(t, { DATABASE_WAIT_MS: '60000', IDEMPOTENCY_WAIT_MS: '60000' });
  const answers = await Promise.all(Array.from({ length: 50 }, () => post('k-50', { text: 'a' })));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
  assert.equal(answers.filter(({ headers }) => headers.has('idempotency-replayed')).length, 49);
  assert.equal(await rows('k-50'), 1);
});

test('another body under the same key is refused', async (t) => {
  const { post, rows } = await setUp(t);
  await post('k-2', { text: 'a' });
  const refused = await post('k-2', { text: 'b' });
  assert.equal(refused.status, 422);
  assert.equal((await bodyOf(refused)).type, '/problems/idempotency-key-reused');
  assert.equal(await rows('k-2'), 1);
});

test('a duplicate that has waited long enough is told to come again', async (t) => {
  const { post, rows } = await setUp(t, { IDEMPOTENCY_WAIT_MS: '0' });
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const first = post('k-3', { text: 'a' });
  await eventually('the first is at work', async () => (await rows('k-3')) === 1);

  const second = await post('k-3', { text: 'a' });
  assert.deepEqual([second.status, second.headers.get('retry-after')], [409, '1']);
  open();
  assert.equal((await first).status, 201);
});

test('a refusal is kept, a failure is not: it can be tried again', async (t) => {
  const { post } = await setUp(t);
  await post('k-4', { text: 'a', fail: 409 });
  assert.equal((await post('k-4', { text: 'a', fail: 409 })).headers.get('idempotency-replayed'), 'true');

  await post('k-5', { text: 'a', fail: 503 });
  const again = await post('k-5', { text: 'a', fail: 503 });
  assert.deepEqual([again.status, again.headers.get('idempotency-replayed')], [503, null]);
});

test('an expired key is a new one', async (t) => {
  const { app, post, rows } = await setUp(t);
  await post('k-6', { text: 'a' });
  await app.database.query("update idempotency_keys set expires_at = now() - interval '1 ms'");
  assert.equal((await post('k-6', { text: 'b' })).status, 201);
  assert.equal(await rows('k-6'), 2);
});

test('a request whose process died is done again, once its lock has run out', async (t) => {
  const { app, post, rows } = await setUp(t);
  await post('k-7', { text: 'a' });
  await app.database.query("update idempotency_keys set status = null, locked_until = now() - interval '1 ms'");
  assert.equal((await post('k-7', { text: 'a' })).headers.get('idempotency-replayed'), null);
  assert.equal(await rows('k-7'), 2);
});

test('a key that no header may hold is refused', async (t) => {
  const { post } = await setUp(t);
  const refused = await post('two words', { text: 'a' });
  assert.equal(refused.status, 400);
  assert.equal((await bodyOf(refused)).type, '/problems/idempotency-key-invalid');
});
