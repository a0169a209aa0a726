import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';

test('a password in the address of NATS reaches neither the log nor the health report', async (t) => {
  const { url, logs } = await startApp(t, {
    env: { NATS_URL: 'nats://app:hunter2@127.0.0.1:1,nats://t0ken@127.0.0.1:1' },
  });
  await eventually('it says that NATS is away', () => logs.find(({ msg }) => String(msg).includes('not reachable')));
  const told = JSON.stringify([logs, await bodyOf(await fetch(`${url}/health`))]);
  assert.doesNotMatch(told, /hunter2|t0ken/);
});
