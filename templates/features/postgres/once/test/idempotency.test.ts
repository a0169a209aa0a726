import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { IdempotencyStore } from '../src/platform/idempotency/store.ts';
import { Problem } from '../src/platform/problem.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { door } from './support/door.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';

const DATABASE_URL = await testDatabase();
let gate = Promise.resolve();

interface Note {
  text: string;
  /** Status with which it fails after it has written, until `failing` is empty. */
  fail?: number;
  retryAfter?: string;
}

/** A route that writes one row a request. */
async function writing(app: FastifyInstance): Promise<void> {
  await app.database.query('create table if not exists notes (key text); create table if not exists failing ()');
  await app.database.query('insert into failing default values');
  if (!app.hasRequestDecorator('caller')) app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request) => {
    const subject = request.headers['x-caller'];
    if (subject) Object.assign(request, { caller: { subject } });
  });
  app.post<{ Body: Note }>('/notes', async (request, reply) => {
    const { text, fail, retryAfter } = request.body;
    const held = gate;
    await app.database.query('insert into notes values ($1)', [request.idempotencyKey]);
    await held;
    if (retryAfter) reply.header('retry-after', retryAfter);
    const { rowCount } = await app.database.query('select from failing');
    if (fail && rowCount) throw new Problem(fail, 'no', 'No');
    return reply.code(201).header('location', `/notes/${text}`).send({ text });
  });
  const forbid = async (_request: unknown, reply: FastifyReply) => {
    const { rowCount } = await app.database.query("select from idempotency_keys where key = 'k-9'");
    reply.header('x-stored', rowCount);
    throw new Problem(403, 'no', 'No');
  };
  app.post('/forbidden', { preHandler: forbid }, async () => 'done');
}

async function setUp(t: TestContext, settings: Record<string, string> = {}) {
  const { app, url } = await startApp(t, { env: { DATABASE_URL, ...settings }, extend: writing });
  const post = (key: string, body: unknown, path = '/notes', caller = '') =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key, 'x-caller': caller },
      body: JSON.stringify(body),
    });
  const rows = async (key: string) => (await app.database.query('select from notes where key = $1', [key])).rowCount;
  const stored = async (key: string) =>
    (await app.database.query('select from idempotency_keys where key = $1', [key])).rowCount;
  return { app, post, rows, stored };
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
  const { opened, open } = door();
  gate = opened;
  const first = post('k-3', { text: 'a' });
  await eventually('the first is at work', async () => (await rows('k-3')) === 1);
  // Nobody else is held.
  gate = Promise.resolve();

  const second = await post('k-3', { text: 'a' });
  assert.deepEqual([second.status, second.headers.get('retry-after')], [409, '1']);
  open();
  assert.equal((await first).status, 201);
});

test('a refusal for good is kept', async (t) => {
  const { post, rows } = await setUp(t);
  await post('k-4', { text: 'a', fail: 422 });
  assert.equal((await post('k-4', { text: 'a', fail: 422 })).headers.get('idempotency-replayed'), 'true');
  assert.equal(await rows('k-4'), 1);
});

for (const status of [401, 403, 408, 409, 425, 429, 499, 500, 503]) {
  test(`a ${status} is not kept: the same request may succeed later`, async (t) => {
    const { app, post, stored } = await setUp(t);
    const key = `k-${status}`;
    assert.equal((await post(key, { text: 'a', fail: status })).status, status);
    assert.equal(await stored(key), 0);
    await app.database.query('delete from failing');
    assert.equal((await post(key, { text: 'a', fail: status })).status, 201);
  });
}

test('an answer that says when to come again is not kept', async (t) => {
  const { post, stored } = await setUp(t);
  await post('k-5', { text: 'a', fail: 404, retryAfter: '60' });
  assert.equal(await stored('k-5'), 0);
});

test('nothing is stored for what has no route, or not the right', async (t) => {
  const { post, stored } = await setUp(t);
  assert.equal((await post('k-8', {}, '/nowhere')).status, 404);
  assert.equal(await stored('k-8'), 0);
  // A claim that is given back again would have been there for a moment.
  assert.equal((await post('k-9', {}, '/forbidden')).headers.get('x-stored'), '0');
  assert.equal(await stored('k-9'), 0);
});

test('the same key of two callers is two keys', async (t) => {
  const { post, rows } = await setUp(t);
  const ann = await post('k-10', { text: 'a' }, '/notes', 'ann');
  const bob = await post('k-10', { text: 'b' }, '/notes', 'bob');
  assert.deepEqual([ann.status, bob.status], [201, 201]);
  assert.equal((await bodyOf(bob)).text, 'b');
  assert.equal(await rows('k-10'), 2);
  const again = await post('k-10', { text: 'a' }, '/notes', 'ann');
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
});

test('what has expired is removed in pieces, also by several at once', async (t) => {
  const { app, post } = await setUp(t);
  for (let i = 0; i < 10; i++) await post(`old-${i}`, { text: 'a' });
  await post('new', { text: 'a' });
  // In a transaction, so that the service itself, which sweeps too, does not see it.
  await app.database.transaction(async (tx) => {
    await tx.query("update idempotency_keys set expires_at = now() - interval '1 ms' where key <> 'new'");
    assert.equal(await new IdempotencyStore(tx, { keepMs: 1, lockMs: 1 }).removeExpired(3), 3);
  });
  const store = new IdempotencyStore(app.database, { keepMs: 1, lockMs: 1 });
  for (let left = true; left; )
    left = (await Promise.all([store.removeExpired(2), store.removeExpired(2)])).some(Boolean);
  const { rows } = await app.database.query('select key from idempotency_keys');
  assert.deepEqual(rows, [{ key: 'new' }]);
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

test('another request does not get the key of one whose process died', async (t) => {
  const { app, post, rows } = await setUp(t);
  await post('k-11', { text: 'a' });
  await app.database.query("update idempotency_keys set status = null, locked_until = now() - interval '1 ms'");
  assert.equal((await post('k-11', { text: 'b' })).status, 422);
  assert.equal(await rows('k-11'), 1);
});

test('who was given up for dead, and answers late, changes nothing', async (t) => {
  const { app } = await setUp(t);
  const store = new IdempotencyStore(app.database, { keepMs: 60_000, lockMs: 0 });
  const key = { scope: 's', key: 'k-12', fingerprint: 'f' };
  const claim = async () => {
    const claimed = await store.claim(key);
    return claimed.kind === 'ours' ? claimed.owner : assert.fail(claimed.kind);
  };
  const [late, next] = [await claim(), await claim()];
  const answer = (status: number) => ({ status, headers: {}, body: Buffer.alloc(0) });
  await store.keep(key, next, answer(201));
  await store.keep(key, late, answer(422));
  await store.release(key, late);
  assert.deepEqual(await store.claim(key), { kind: 'answered', answer: answer(201) });
});

test('a key that no header may hold is refused', async (t) => {
  const { post } = await setUp(t);
  const refused = await post('two words', { text: 'a' });
  assert.equal(refused.status, 400);
  assert.equal((await bodyOf(refused)).type, '/problems/idempotency-key-invalid');
});
