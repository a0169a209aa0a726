import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { type ServiceError, status } from '@grpc/grpc-js';
import { whoWaits } from '../src/platform/context.ts';
import { Problem } from '../src/platform/problem.ts';
import type { Call } from '../src/platform/rpc/call.ts';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from '../src/platform/rpc/standard/google/rpc/error_details_pb.ts';
import { startApp } from './support/app.ts';
import { EchoService } from './support/echo/echo_pb.ts';
import { serveEcho } from './support/echo/serve-echo.ts';
import { eventually } from './support/eventually.ts';
import { callsTo, detailsOf } from './support/rpc.ts';

const { say, repeat, join, chat } = EchoService.method;
const failed = (call: Promise<unknown>): Promise<ServiceError> =>
  call.then(
    () => assert.fail('it must fail'),
    (error) => error,
  );

test('calls of all four kinds are answered, and end', async (t) => {
  const { app } = await startApp(t, { extend: serveEcho() });
  const calls = callsTo(t, app.rpc.port);
  assert.equal((await calls.unary(say, { text: 'hello' })).message.text, 'hello');

  const repeated = await calls.watch(repeat, { text: 'hello', number: 40n }).toArray();
  assert.deepEqual(
    repeated.map(({ text }) => text),
    Array(40).fill('hello'),
  );

  assert.equal((await calls.collect(join, [{ text: 'a' }, { text: 'b' }])).text, 'a b');

  // A loop over what comes in ends here before the caller does: the answer must go out all the same.
  const talk = calls.duplex(chat);
  for (const text of ['how', 'why', 'bye']) talk.write({ text });
  const answers = await talk.toArray();
  assert.deepEqual(
    answers.map(({ text }) => text),
    ['how?', 'why?'],
  );
});

test('what a domain throws is a status with details; what else is thrown stays here', async (t) => {
  const errors: Record<string, Error> = {
    full: new Problem(409, 'shelf-full', 'The shelf is full', {
      shelf: 7,
      errors: [{ field: 'item', message: 'too big' }],
    }),
    busy: Object.assign(new Error('no room'), { statusCode: 503, retryAfterMs: 2_500 }),
    bug: new Error('password=hunter2 at 10.0.0.7'),
    odd: new Problem(400, 'odd', 'half of a character: \ud800'),
  };
  const say_ = async ({ text }: { text: string }) => {
    throw errors[text] as Error;
  };
  const { app, logs } = await startApp(t, { extend: serveEcho(say_) });
  const calls = callsTo(t, app.rpc.port);
  const ask = (text: string) => failed(calls.unary(say, { text }, { metadata: { 'x-correlation-id': 'c-1' } }));

  const full = await ask('full');
  assert.deepEqual([full.code, full.details], [status.ABORTED, 'The shelf is full']);
  const info = detailsOf(full, ErrorInfoSchema);
  assert.deepEqual([info?.reason, info?.metadata], ['SHELF_FULL', { shelf: '7', correlation_id: 'c-1' }]);
  assert.deepEqual(
    detailsOf(full, BadRequestSchema)?.fieldViolations.map(({ field, description }) => [field, description]),
    [['item', 'too big']],
  );

  const busy = await ask('busy');
  assert.deepEqual([busy.code, busy.details], [status.UNAVAILABLE, 'unavailable']);
  const { seconds, nanos } = detailsOf(busy, RetryInfoSchema)?.retryDelay ?? {};
  assert.deepEqual([seconds, nanos], [2n, 500_000_000]);

  const bug = await ask('bug');
  assert.deepEqual([bug.code, bug.details], [status.INTERNAL, 'internal error']);
  assert.ok(!JSON.stringify(bug.metadata.toJSON()).includes('hunter2'));
  assert.ok(logs.some(({ level, correlation_id }) => level === 'error' && correlation_id === 'c-1'));

  assert.equal((await ask('odd')).code, status.INVALID_ARGUMENT);
});

test('a handler sees how long its caller waits, and so does what it calls; then it is told', async (t) => {
  let seen: (Call & { passedOn: number | undefined }) | undefined;
  const wait = async (_: unknown, call: Call) => {
    seen = Object.assign(call, { passedOn: whoWaits()?.deadline });
    await once(call.signal, 'abort');
    return 'too late';
  };
  const { app, logs } = await startApp(t, { extend: serveEcho(wait) });
  const calls = callsTo(t, app.rpc.port);
  const late = await failed(calls.unary(say, {}, { deadlineMs: 3_000 }));
  assert.equal(late.code, status.DEADLINE_EXCEEDED);
  assert.ok(seen);
  await eventually('the handler is told', () => seen?.signal.aborted);
  await eventually('no time is left', () => seen?.timeLeft === 0);
  assert.ok((seen.passedOn ?? Infinity) <= performance.now());
  const line = await eventually('its line', () => logs.find(({ msg }) => msg === 'call'));
  // Which of the two clocks is the first, nobody knows.
  assert.match(String(line.rpc_status), /^(DEADLINE_EXCEEDED|CANCELLED)$/);

  seen = undefined;
  const left = calls.unary(say, {});
  const end = failed(left);
  await eventually('it arrives', () => seen);
  assert.equal((seen as Call | undefined)?.timeLeft, Infinity);
  left.cancel();
  assert.equal((await end).code, status.CANCELLED);
  await eventually('the handler is told', () => seen?.signal.aborted);
  const lines = () => logs.filter(({ msg }) => msg === 'call');
  await eventually('its line', () => lines().length === 2);
  assert.equal(lines()[1]?.rpc_status, 'CANCELLED');
});

test('a reader that takes nothing holds a stream back, and one that leaves ends it', async (t) => {
  let sent = 0;
  let isOver = false;
  const large = 'x'.repeat(100_000);
  async function* endless() {
    try {
      for (;;) {
        sent++;
        yield large;
      }
    } finally {
      isOver = true;
    }
  }
  const { app } = await startApp(t, { extend: serveEcho(undefined, endless) });
  const stream = callsTo(t, app.rpc.port).watch(repeat, {});
  stream.on('error', () => {});
  stream.once('data', () => stream.pause());
  let before = -1;
  await eventually('it stands still', async () => {
    const stands = sent > 0 && sent === before;
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return stands;
  });
  assert.ok(sent < 500, `${sent} messages for nobody`);
  stream.cancel();
  await eventually('the stream ends', () => isOver);
});

test('what is too large or no message is refused, and ends nothing else', async (t) => {
  const { app } = await startApp(t, { env: { RPC_MAX_MESSAGE_BYTES: '1000' }, extend: serveEcho() });
  const calls = callsTo(t, app.rpc.port);
  const tooLarge = await failed(calls.unary(say, { text: 'x'.repeat(1_001) }));
  assert.equal(tooLarge.code, status.RESOURCE_EXHAUSTED);
  const tooLargeAnswer = await failed(calls.unary(say, { text: 'x'.repeat(1_001) }));
  assert.equal(tooLargeAnswer.code, status.RESOURCE_EXHAUSTED);

  const noMessage = await failed(calls.raw(`/${EchoService.typeName}/Say`, Buffer.from([0xff, 0xff, 0xff])));
  assert.deepEqual([noMessage.code, noMessage.details], [status.INTERNAL, 'Error deserializing request']);
  assert.equal((await failed(calls.raw(`/${EchoService.typeName}/Gone`, Buffer.alloc(0)))).code, status.UNIMPLEMENTED);
  assert.equal((await calls.unary(say, { text: 'still here' })).message.text, 'still here');
});

test('a connection takes no more calls after its age, so that new replicas get their share', async (t) => {
  const { app } = await startApp(t, { env: { RPC_CONNECTION_MAX_AGE_MS: '100' } });
  const session = connect(`http://127.0.0.1:${app.rpc.port}`);
  t.after(() => session.destroy());
  const [code] = await once(session, 'goaway');
  assert.equal(code, 0);
});

test('a part of TLS is refused at the start: nothing goes in the clear by mistake', async (t) => {
  for (const name of ['RPC_TLS_CERT_FILE', 'RPC_TLS_KEY_FILE', 'RPC_TLS_CLIENT_CA_FILE']) {
    const started = startApp(t, { env: { [name]: '/etc/tls/file.pem' } });
    await assert.rejects(started, /RPC_TLS_CERT_FILE and RPC_TLS_KEY_FILE are needed both/, name);
  }
});

test('an age that no timer has is refused at the start: every connection would end at once', async (t) => {
  const started = startApp(t, { env: { RPC_CONNECTION_MAX_AGE_MS: '3000000000' } });
  await assert.rejects(started, /RPC_CONNECTION_MAX_AGE_MS.*1000000000/);
});
