import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refused, type Saga, saga } from '../src/platform/sagas/saga.ts';
import { startApp, type TestApp } from './support/app.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';

const database = await testDatabase();

const start = (t: Parameters<typeof startApp>[0], added: Saga<object>): Promise<TestApp> => {
  const env = { DATABASE_URL: database, SAGA_COMPENSATION_ATTEMPTS: '1', SAGA_RETRY_DELAY_MS: '20' };
  return startApp(t, { env, extend: async (app) => app.sagas.add(added) });
};

const ended = ({ app }: TestApp, of: Saga<object>) =>
  eventually('it ends', async () => {
    const status = await app.sagas.status(of, '1');
    return status && ['completed', 'compensated', 'stuck'].includes(status.state) ? status : undefined;
  });

test('a compensation that fails does not keep those before it from being tried', async (t) => {
  const undone: string[] = [];
  const undo = (name: string) => async () => {
    undone.push(name);
    if (name === 'second') throw new Error('cannot be undone');
  };
  const refused = saga<object>('refused')
    .step('first', async () => 1, undo('first'))
    .step('second', async () => 2, undo('second'))
    .step('third', async () => Promise.reject(new Refused('no')), undo('third'))
    .returns(() => undefined);
  const started = await start(t, refused);

  await started.app.sagas.start(refused, '1', {});
  const { state, open } = await ended(started, refused);
  assert.deepEqual(undone, ['third', 'second', 'first']);
  assert.equal(state, 'stuck');
  assert.deepEqual(
    open?.map(({ step }) => step),
    ['second'],
  );
});

test('a compensation has a key of its own, and is told that of its action', async (t) => {
  const keys: string[] = [];
  const keyed = saga<object>('keyed')
    .step(
      'only',
      async ({ key }) => {
        keys.push(key);
        throw new Refused('no');
      },
      async ({ key, actionKey }) => keys.push(key, actionKey),
    )
    .returns(() => undefined);
  const started = await start(t, keyed);

  await started.app.sagas.start(keyed, '1', {});
  await ended(started, keyed);
  assert.deepEqual(keys, ['keyed:1:only', 'keyed:1:undo-only', 'keyed:1:only']);
});

test('an attempt that never ends is given up at its time, and told so', async (t) => {
  const signals: AbortSignal[] = [];
  const hanging = saga<object>('hanging')
    .step(
      'hang',
      ({ signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
      undefined,
      { timeoutMs: 50, attempts: 2 },
    )
    .returns(() => undefined);
  const started = await start(t, hanging);

  await started.app.sagas.start(hanging, '1', {});
  const { state, failure } = await ended(started, hanging);
  assert.deepEqual([state, failure?.attempts], ['compensated', 2]);
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true],
  );
});

test('a saga out of time begins no further step, and is undone', async (t) => {
  const timeoutMs = 60_000;
  const done: string[] = [];
  const late = saga<object>('late', { timeoutMs })
    .step(
      'slow',
      async () => {
        done.push('slow');
        t.mock.timers.tick(timeoutMs);
      },
      async () => done.push('undo slow'),
    )
    .step('next', async () => done.push('next'), undefined)
    .returns(() => undefined);
  const started = await start(t, late);

  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  await started.app.sagas.start(late, '1', {});
  const { state, failure } = await ended(started, late);
  assert.deepEqual(done, ['slow', 'undo slow']);
  assert.equal(state, 'compensated');
  assert.deepEqual([failure?.step, failure?.attempts], ['next', 1]);
  assert.match(failure?.message ?? '', /within 60000 ms/);
});

test('a saga out of time tries no step again', async (t) => {
  const timeoutMs = 60_000;
  let attempts = 0;
  const failing = saga<object>('failing', { timeoutMs })
    .step(
      'fail',
      async () => {
        attempts += 1;
        if (attempts === 3) t.mock.timers.tick(timeoutMs);
        throw new Error('not now');
      },
      undefined,
      { attempts: 8 },
    )
    .returns(() => undefined);
  const started = await start(t, failing);

  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  await started.app.sagas.start(failing, '1', {});
  const { state, failure } = await ended(started, failing);
  assert.equal(state, 'compensated');
  assert.deepEqual([attempts, failure?.attempts], [3, 3]);
});
