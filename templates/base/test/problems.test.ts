import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { Type } from 'typebox';
import { Problem } from '../src/platform/problem.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';

const Body = Type.Object({ items: Type.Array(Type.Object({ quantity: Type.Integer({ minimum: 1 }) })) });

const withRoutes = {
  extend: async (app: import('fastify').FastifyInstance) => {
    app.post('/validated', { schema: { body: Body } }, async () => ({}));
    app.get('/broken', async () => {
      throw new Error('password=hunter2 refused by db-1');
    });
    app.get('/refused', async () => {
      throw new Problem(409, 'already-paid', 'The order is already paid', { order: 'o-1' });
    });
  },
};

const post = (url: string, body: unknown) =>
  fetch(`${url}/validated`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('a validation error names the field', async (t) => {
  const { url } = await startApp(t, withRoutes);
  const wrong = await post(url, { items: [{ quantity: 0 }] });
  assert.equal(wrong.status, 400);
  assert.equal(wrong.headers.get('content-type'), 'application/problem+json');
  assert.deepEqual((await bodyOf(wrong)).errors, [{ field: 'body.items.0.quantity', message: 'must be >= 1' }]);

  const missing = await bodyOf(await post(url, {}));
  assert.equal(missing.errors[0].field, 'body.items');
});

test('a problem of the domain keeps its type, status and members', async (t) => {
  const { url } = await startApp(t, withRoutes);
  const response = await fetch(`${url}/refused`, { headers: { 'x-correlation-id': 'c-1' } });
  assert.equal(response.status, 409);
  assert.deepEqual(await bodyOf(response), {
    type: '/problems/already-paid',
    title: 'The order is already paid',
    status: 409,
    order: 'o-1',
    correlation_id: 'c-1',
  });
});

test('what an internal error says is logged and not told', async (t) => {
  const { url, logs } = await startApp(t, withRoutes);
  const response = await fetch(`${url}/broken`);
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /hunter2/);
  assert.match(JSON.stringify(logs.find(({ level }) => level === 'error')), /refused by db-1/);
});

test('what is not served, is malformed or too large is a problem document too', async (t) => {
  const { url } = await startApp(t, withRoutes);
  const json = { 'content-type': 'application/json' };
  const answers = [
    await fetch(`${url}/nowhere`),
    await fetch(`${url}/%zz`),
    await fetch(`${url}/validated`, { method: 'POST', headers: json, body: '{' }),
    await fetch(`${url}/validated`, { method: 'POST', headers: json, body: `"${'x'.repeat(1_100_000)}"` }),
    await fetch(`${url}/validated`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'a' }),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [404, 400, 400, 413, 415],
  );
  for (const answer of answers) assert.equal(answer.headers.get('content-type'), 'application/problem+json');
});

test('so is what is no request at all', async (t) => {
  const { url } = await startApp(t, withRoutes);
  const broken = { 400: 'hello\r\n\r\n', 431: `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n` };
  for (const [status, sent] of Object.entries(broken)) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(sent);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(head, /content-type: application\/problem\+json/);
    assert.equal(JSON.parse(body).status, Number(status));
  }
});
