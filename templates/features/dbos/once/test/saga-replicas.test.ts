import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from './support/app.ts';
import { untilReady } from './support/health.ts';
import { testDatabase } from './support/postgres.ts';
import { startService } from './support/process.ts';

test('replicas that start at once on a new database all come up', { timeout: 120_000 }, async (t) => {
  const env = { DATABASE_URL: await testDatabase() };
  const replicas = await Promise.all([1, 2, 3].map(() => startService(t, env)));
  for (const { url } of replicas) await untilReady(url);
});

test('a second app of one process leaves the sagas to the first, and both stop', async (t) => {
  await startApp(t);
  const { logs } = await startApp(t);
  assert.ok(logs.some(({ msg }) => msg === 'another app of this process runs the sagas'));
});
