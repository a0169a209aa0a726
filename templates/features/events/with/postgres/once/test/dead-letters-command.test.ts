import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { publish } from '../src/platform/events/outbox.ts';
import { startApp } from './support/app.ts';
import { testBroker } from './support/broker.ts';
import { counted, startConsumer, untilEffects, writeEffect } from './support/events.ts';
import { eventually } from './support/eventually.ts';
import { testDatabase } from './support/postgres.ts';
import { programArgs } from './support/process.ts';

test('dead letters are listed, shown, replayed and dropped', async (t) => {
  const broker = await testBroker();
  const env = { ...broker.env, DATABASE_URL: await testDatabase(), EVENTS_POLL_MS: '10' };
  const { app } = await startApp(t, { env });
  let isMended = false;
  await startConsumer(t, app, {
    maxDeliver: 1,
    async handle(event, work) {
      if (!isMended) throw new Error('no such\u001b[2J product');
      await writeEffect(event, work);
    },
  });
  const deadLetters = (...args: string[]) => {
    const command = [...programArgs('dead-letters-command'), ...args];
    return spawnSync(process.execPath, command, { env: { ...process.env, ...env }, encoding: 'utf8' });
  };
  assert.equal(deadLetters('list').stdout, '0 dead letters\n');
  await app.database.transaction((tx) => publish(tx, counted, { key: 'a', n: 1 }, { id: 'poison' }));
  const list = await eventually(
    'there is one',
    () => {
      const { stdout } = deadLetters('list');
      return stdout.startsWith('0 ') ? undefined : stdout;
    },
    60_000,
  );
  assert.match(list, /^1 {2}tests\.counted {2}poison {2}\S+Z {2}no such \[2J product\n1 dead letter\n$/);
  assert.equal(JSON.parse(deadLetters('show', '1').stdout).data, '{"key":"a","n":1}');

  isMended = true;
  assert.match(deadLetters('replay', '1').stdout, /^1 goes to \S+ again\n$/);
  await untilEffects(app, 1);
  assert.equal(deadLetters('list').stdout, '0 dead letters\n');
  const missing = deadLetters('replay', '1');
  assert.deepEqual([missing.status, missing.stderr], [1, 'There is no dead letter 1: see "list".\n']);
  assert.equal(deadLetters('replay').status, 2);

  isMended = false;
  await app.database.transaction((tx) => publish(tx, counted, { key: 'a', n: 2 }, { id: 'worse' }));
  await eventually('there is another', () => !deadLetters('list').stdout.startsWith('0 '), 60_000);
  assert.equal(deadLetters('drop', '2').stdout, '2 is dropped\n');
  assert.equal(deadLetters('list').stdout, '0 dead letters\n');
  assert.equal(deadLetters('drop', '--all').status, 2);
});
