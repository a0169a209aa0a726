import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { Client, Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '../src/platform/http-client/service-error.ts';
import { ErrorInfoSchema } from '../src/platform/rpc/standard/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../src/platform/rpc/standard/google/rpc/status_pb.ts';
import { parseTarget } from '../src/platform/rpc-client/target.ts';
import { startApp } from './support/app.ts';
import { eventually } from './support/eventually.ts';
import { startRpcClient } from './support/rpc-client.ts';
import { startRpcUpstream, words } from './support/rpc-upstream.ts';

const failed = (call: Promise<unknown>): Promise<ServiceError> =>
  call.then(
    () => assert.fail('it must fail'),
    (error) => error,
  );

async function collect<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

test('calls of all four kinds are functions', async (t) => {
  const { port } = await startRpcUpstream(t);
  const { echo, seen } = startRpcClient(t, [port]);
  assert.equal((await echo.say({ text: 'hello' })).text, 'hello');
  const repeated = await collect(echo.repeat({ text: 'again', number: 40n }));
  assert.equal(repeated.length, 40);
  assert.equal((await echo.join([{ text: 'a' }, { text: 'b' }])).text, 'a b');
  assert.deepEqual(
    (await collect(echo.chat([{ text: 'how' }, { text: 'why' }]))).map(({ text }) => text),
    ['how?', 'why?'],
  );
  assert.deepEqual(seen.outcomes, ['ok', 'ok', 'ok', 'ok']);
});

test('a status is a ServiceError, with what its details say', async (t) => {
  const upstream = await startRpcUpstream(t);
  const { echo } = startRpcClient(t, [upstream.port]);
  upstream.say = (_, answer) => {
    const info = create(ErrorInfoSchema, { reason: 'ITEM_NOT_FOUND', metadata: { correlation_id: 'c-1' } });
    const details = [anyPack(ErrorInfoSchema, info)];
    const metadata = new Metadata();
    const told = create(StatusSchema, { code: status.NOT_FOUND, details });
    metadata.set('grpc-status-details-bin', Buffer.from(toBinary(StatusSchema, told)));
    answer({ code: status.NOT_FOUND, details: 'There is no such item', metadata });
  };
  const missing = await failed(echo.say({}));
  assert.deepEqual(
    [missing.name, missing.reason, missing.status, missing.isOutage],
    ['ServiceError', 'status', 404, false],
  );
  assert.deepEqual(missing.problem, {
    correlation_id: 'c-1',
    title: 'There is no such item',
    code: 'NOT_FOUND',
    reason: 'ITEM_NOT_FOUND',
  });

  // What is no such message is a status all the same.
  upstream.say = (_, answer) => {
    const metadata = new Metadata();
    metadata.set('grpc-status-details-bin', Buffer.from([0xff, 0xff]));
    answer({ code: status.ABORTED, details: 'no', metadata });
  };
  assert.equal((await failed(echo.say({}))).status, 409);
});

test('a stream that breaks off is an error, not a shorter stream', async (t) => {
  const upstream = await startRpcUpstream(t);
  const { echo, seen } = startRpcClient(t, [upstream.port]);
  upstream.repeat = (call) => {
    call.write(words('one'));
    call.emit('error', { code: status.INTERNAL, details: 'broken' });
  };
  const got: string[] = [];
  const error = await failed(
    (async () => {
      for await (const { text } of echo.repeat({})) got.push(text);
    })(),
  );
  assert.deepEqual([got, error.reason, error.status], [['one'], 'status', 500]);
  assert.deepEqual(seen.outcomes, ['status']);
});

test('a stream that its reader leaves ends at the service too', async (t) => {
  const upstream = await startRpcUpstream(t);
  const { echo } = startRpcClient(t, [upstream.port]);
  let isLeft = false;
  upstream.repeat = (call) => {
    call.write(words('one'));
    call.once('cancelled', () => {
      isLeft = true;
    });
  };
  for await (const { text } of echo.repeat({})) {
    assert.equal(text, 'one');
    break;
  }
  await eventually('the service is told', () => isLeft);
});

test('where what was to be sent fails, that is what the caller gets, and no outage of the service', async (t) => {
  const upstream = await startRpcUpstream(t);
  const { echo, rpc, seen } = startRpcClient(t, [upstream.port], { breakerFailures: 1 });
  async function* broken(words: string[]) {
    for (const text of words) yield { text };
    throw new TypeError('no more words');
  }
  for (const sent of [[], ['how']]) {
    await assert.rejects(collect(echo.chat(broken(sent))), new TypeError('no more words'));
    await assert.rejects(echo.join(broken(sent)), new TypeError('no more words'));
  }
  assert.deepEqual([seen.outcomes, rpc.circuit], [Array(4).fill('error'), 'closed']);
});

test('a call that cannot be made holds no connection', async (t) => {
  const close = t.mock.method(Client.prototype, 'close');
  const { echo, rpc } = startRpcClient(t, [1]);
  await assert.rejects(echo.say(null as never), TypeError);
  await assert.rejects(collect(echo.repeat(null as never)), TypeError);
  rpc.close();
  assert.equal(close.mock.callCount(), 1);
});

test('nothing is sent for a caller who gave up before its token was there', async (t) => {
  const upstream = await startRpcUpstream(t);
  let give: ((token: string) => void) | undefined;
  const token = () => (give ? Promise.resolve('second') : new Promise<string>((resolve) => (give = resolve)));
  const { echo } = startRpcClient(t, [upstream.port], {}, token);
  const hangUp = new AbortController();
  const left = failed(echo.say({}, { signal: hangUp.signal }));
  await eventually('a token is asked for', () => give);
  hangUp.abort();
  assert.equal((await left).reason, 'aborted');
  give?.('first');
  await echo.say({});
  assert.deepEqual(
    upstream.calls.map(({ metadata }) => metadata.get('authorization')),
    [['Bearer second']],
  );
});

test('no call is without a deadline, and what is left of the time goes with it', async (t) => {
  const upstream = await startRpcUpstream(t);
  upstream.say = () => {};
  upstream.repeat = () => {};
  const { echo } = startRpcClient(t, [upstream.port], { attemptMs: 200, streamMs: 300 });
  const late = await failed(echo.say({}));
  assert.deepEqual([late.reason, late.isOutage], ['timeout', true]);
  const [call] = upstream.calls;
  assert.ok(Number(call?.getDeadline()) - Date.now() < 5_000, 'the service sees it');
  assert.equal((await failed(collect(echo.repeat({})))).reason, 'timeout');
});

test('who hangs up, or has no time left, ends the calls that are made for them', async (t) => {
  const upstream = await startRpcUpstream(t);
  let isLeft = false;
  upstream.say = (call) =>
    call.once('cancelled', () => {
      isLeft = true;
    });
  const { echo } = startRpcClient(t, [upstream.port], { attemptMs: 60_000, deadlineMs: 60_000 });
  let error: ServiceError | undefined;
  const { url } = await startApp(t, {
    extend: async (app) => {
      app.get('/relay', { config: { public: true } }, async () => {
        error = await failed(echo.say({}));
        return {};
      });
    },
  });
  const hangUp = new AbortController();
  const request = fetch(`${url}/relay`, { signal: hangUp.signal }).catch(() => undefined);
  await eventually('the call arrives', () => upstream.calls.length === 1);
  hangUp.abort();
  await request;
  await eventually('the service is told', () => isLeft);
  await eventually('the call ends', () => error);
  assert.equal(error?.reason, 'aborted');

  error = undefined;
  await fetch(`${url}/relay`, { headers: { 'x-request-timeout-ms': '300' } });
  await eventually('the call ends', () => error);
  assert.equal((error as ServiceError | undefined)?.reason, 'timeout');
});

test('only what may happen twice is tried again, within a budget, and counted', async (t) => {
  const upstream = await startRpcUpstream(t);
  const away = { code: status.UNAVAILABLE, details: 'not now' };
  let failures = 1;
  upstream.say = ({ request }, answer) => (failures-- > 0 ? answer(away) : answer(null, request));
  const { echo, seen } = startRpcClient(t, [upstream.port], { breakerFailures: 1_000 });

  assert.equal((await failed(echo.say({ text: 'once' }))).status, 503);
  assert.deepEqual([upstream.calls.length, seen.retries], [1, 0]);

  failures = 2;
  assert.equal((await echo.say({ text: 'a' }, { idempotencyKey: 'k-1' })).text, 'a');
  assert.deepEqual([upstream.calls.length, seen.retries], [4, 2]);
  assert.deepEqual(upstream.calls[3]?.metadata.get('idempotency-key'), ['k-1']);

  failures = Infinity;
  const before = upstream.calls.length;
  for (let i = 0; i < 30; i++) await failed(echo.say({}, { idempotencyKey: String(i) }));
  const attempts = upstream.calls.length - before;
  assert.ok(attempts <= 45, `30 calls became ${attempts}`);
});

test('an address is one, in the clear only where it says so', () => {
  assert.deepEqual(parseTarget('grpc://inventory-rpc:50051'), { name: 'dns:///inventory-rpc:50051', isSecure: false });
  assert.deepEqual(parseTarget('grpcs://a.b.svc:443/'), { name: 'dns:///a.b.svc:443', isSecure: true });
  assert.equal(parseTarget('grpc://127.0.0.1:1, grpc://127.0.0.2:2').name, 'ipv4:127.0.0.1:1,127.0.0.2:2');
  assert.equal(parseTarget('grpc://[::1]:1').name, 'ipv6:[::1]:1');
  const none = [
    'inventory:50051',
    'http://a:1',
    'grpc://a',
    'grpc://a:0',
    'grpc://a:99999',
    'grpc://u:p@a:1',
    'grpc://a:1/x',
  ];
  for (const raw of [...none, 'grpc://a:1,grpc://b:1', 'grpc://127.0.0.1:1,grpcs://127.0.0.2:1', ''])
    assert.throws(() => parseTarget(raw), /grpc:\/\/host:port/, raw);
});

test('what cannot be sent as metadata is said without its value, and bytes can be', async (t) => {
  const upstream = await startRpcUpstream(t);
  const { echo, rpc } = startRpcClient(t, [upstream.port], { breakerFailures: 1 });
  const call = (options: object) => failed(echo.say({}, options));
  for (const options of [
    { idempotencyKey: 'größe' },
    { metadata: { tenant: 'a\nsecret' } },
    { metadata: { 'a b': '' } },
    { metadata: { 'key-bin': 'no bytes' } },
  ]) {
    const { name, reason, isOutage, message } = await call(options);
    assert.deepEqual([name, reason, isOutage], ['ServiceError', 'path', false]);
    assert.doesNotMatch(message, /größe|secret|no bytes/);
  }
  assert.deepEqual([upstream.calls.length, rpc.circuit], [0, 'closed']);

  await echo.say({}, { metadata: { tenant: 'blue', 'key-bin': Uint8Array.of(0, 255) } });
  const { metadata } = upstream.calls[0] ?? assert.fail('it was not called');
  assert.deepEqual([metadata.get('tenant'), metadata.get('key-bin')], [['blue'], [Buffer.from([0, 255])]]);
});

test('a message that is too large, there or here, is refused once, and is no outage', async (t) => {
  const upstream = await startRpcUpstream(t);
  const { echo, rpc, seen } = startRpcClient(t, [upstream.port], { breakerFailures: 1, maxAnswerBytes: 100_000 });
  const again = { idempotencyKey: 'k' };
  for (const text of ['x'.repeat(5_000_000), 'x'.repeat(200_000)]) {
    const { status, isOutage } = await failed(echo.say({ text }, again));
    assert.deepEqual([status, isOutage], [413, false]);
  }
  assert.deepEqual([seen.retries, rpc.circuit], [0, 'closed']);
});

test('a time limit may be longer than any timer', async (t) => {
  const upstream = await startRpcUpstream(t);
  const patient = { deadlineMs: 1e13, attemptMs: 1e13, streamMs: 1e13 };
  const { echo } = startRpcClient(t, [upstream.port], patient);
  upstream.say = ({ request }, answer) => void setTimeout(() => answer(null, request), 20);
  assert.equal((await echo.say({ text: 'slow' })).text, 'slow');
  assert.equal((await collect(echo.repeat({ number: 3n }))).length, 3);
});

test('a stream that says nothing is asked for after five minutes, not sooner: many servers would end it', async (t) => {
  const server = createServer();
  const opened = once(server, 'stream') as Promise<[ServerHttp2Stream]>;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { port } = server.address() as AddressInfo;
  const { echo } = startRpcClient(t, [port], { streamMs: 1_000_000, attemptMs: 1_000_000 });
  const reader = echo.repeat({})[Symbol.asyncIterator]();
  const first = reader.next();
  const [stream] = await opened;
  stream.respond({ 'content-type': 'application/grpc' });
  const session = stream.session as ServerHttp2Session;
  t.after(() => session.destroy());
  let pings = 0;
  session.on('ping', () => pings++);
  // What the client sent before it answers this, has come.
  const heard = () => new Promise<void>((resolve) => session.ping(() => resolve()));

  for (let minute = 1; minute <= 5; minute += 1) {
    await heard();
    t.mock.timers.tick(60_000);
    await heard();
    assert.equal(pings, 0, `${minute}`);
  }
  t.mock.timers.tick(60_000);
  await heard();
  assert.equal(pings, 1);

  session.destroy();
  await assert.rejects(first, { name: 'ServiceError' });
});
