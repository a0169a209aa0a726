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

test('how long a connection without requests is kept is a setting', async (t) => {
  const { url } = await startApp(t, { env: { KEEP_ALIVE_TIMEOUT_MS: '9000' } });
  assert.match((await fetch(`${url}/nowhere`)).headers.get('keep-alive') ?? '', /timeout=9\b/);
});

const post = (url: string, body: unknown) =>
  fetch(`${url}/validated`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('a 503 says when to come back: as its error says, and never at once', async (t) => {
  const { url } = await startApp(t, {
    extend: async (app) => {
      app.get('/busy/:ms', async ({ params }) => {
        const retryAfterMs = Number((params as { ms: string }).ms);
        throw Object.assign(new Error('busy'), { statusCode: 503, ...(retryAfterMs && { retryAfterMs }) });
      });
    },
  });
  for (const [ms, seconds] of [
    [0, '1'],
    [200, '1'],
    [1_500, '2'],
  ] as const) {
    const answer = await fetch(`${url}/busy/${ms}`);
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, seconds]);
  }
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

test('a body is taken as the contract says it, a query is text', async (t) => {
  const { url } = await startApp(t, {
    extend: async (app) => {
      const body = Type.Object({
        name: Type.String(),
        count: Type.Integer(),
        on: Type.Boolean(),
        tags: Type.Array(Type.String()),
      });
      const querystring = Type.Object({ limit: Type.Integer(), on: Type.Boolean(), tags: Type.Array(Type.String()) });
      app.post('/strict', { schema: { body } }, async (request) => request.body);
      app.get(
        '/text/:id',
        { schema: { querystring, params: Type.Object({ id: Type.Integer() }) } },
        async (request) => [request.query, request.params],
      );
    },
  });
  const send = (body: unknown) =>
    fetch(`${url}/strict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const good = { name: 'a', count: 1, on: true, tags: ['x'] };
  assert.deepEqual(await bodyOf(await send(good)), good);
  const wrong = { name: 7, count: '1', on: 'true', tags: 'x' };
  for (const [name, value] of Object.entries(wrong)) {
    const answer = await send({ ...good, [name]: value });
    assert.equal(answer.status, 400, name);
    assert.equal((await bodyOf(answer)).errors[0].field, `body.${name}`);
  }
  assert.equal((await send({ ...good, name: null })).status, 400);
  const query = await bodyOf(await fetch(`${url}/text/7?limit=3&on=true&tags=x`));
  assert.deepEqual(query, [{ limit: 3, on: true, tags: ['x'] }, { id: 7 }]);
});

test('text that no database takes is refused by name: NUL, and halves of characters', async (t) => {
  const { url } = await startApp(t, {
    extend: async (app) => {
      app.post('/any', async () => ({}));
      app.get('/any/:id', async () => ({}));
    },
  });
  const send = (body: string, type = 'application/json') =>
    fetch(`${url}/any`, { method: 'POST', headers: { 'content-type': type }, body });
  const refused = {
    '{"items":[{"sku":"a\\u0000b"}]}': 'body.items.0.sku',
    '{"a\\u0000":1}': 'body',
    '["x","\\ud800"]': 'body.1',
    '"\\udc00 alone"': 'body',
  };
  for (const [body, field] of Object.entries(refused)) {
    const answer = await send(body);
    assert.equal(answer.status, 400, body);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.equal((await bodyOf(answer)).errors[0].field, field);
  }
  assert.equal((await send('a\0b', 'text/plain')).status, 400);
  for (const path of ['/any/a%00b', '/any/a?b=%00']) assert.equal((await fetch(url + path)).status, 400, path);

  for (const body of [
    '{"a":"\\\\u0000 is written so"}',
    '"\\ud83d\\ude00"',
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  ])
    assert.equal((await send(body)).status, 200, body.slice(0, 40));
  assert.equal((await fetch(`${url}/any/a%2500b`)).status, 200);
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
