import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthCheck } from '../src/platform/health.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { untilHealth, untilReady } from './support/health.ts';

const status = async (url: string) => (await fetch(url)).status;

test('a service whose checks pass is healthy, live and ready', async (t) => {
  const { app, url } = await startApp(t);
  app.health.add('storage', async () => ({ rows: 3 }));

  const report = await untilHealth(url, 'healthy');
  assert.deepEqual(report.checks.storage, { status: 'healthy', rows: 3 });
  assert.ok(Math.abs(Date.parse(report.timestamp) - Date.now()) < 60_000);
  assert.equal(await status(`${url}/health/live`), 200);
  await untilReady(url);
});

test('a critical check that fails takes it out of rotation, but does not restart it', async (t) => {
  const { app, url } = await startApp(t);
  let broken = true;
  app.health.add('storage', async () => {
    if (broken) throw new Error('connection refused');
  });

  const report = await bodyOf(await fetch(`${url}/health`));
  assert.equal(report.status, 'unhealthy');
  assert.deepEqual(report.checks.storage, { status: 'unhealthy', error: 'connection refused' });
  assert.equal(await status(`${url}/health`), 503);
  assert.equal(await status(`${url}/health/ready`), 503);
  assert.equal(await status(`${url}/health/live`), 200);

  broken = false;
  await untilReady(url);
});

test('what it can do without only degrades it: still 200, still ready', async (t) => {
  const { app, url } = await startApp(t);
  const cacheGone: HealthCheck = async () => Promise.reject(new Error('cache gone'));
  app.health.add('cache', cacheGone, { critical: false });

  const { checks } = await untilHealth(url, 'degraded');
  assert.equal(checks.cache.status, 'degraded');
  await untilReady(url);
});

test('probes that come at the same time share one run', async (t) => {
  const { app, url } = await startApp(t);
  let runs = 0;
  let end = () => {};
  const held = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
  });
  app.health.add('storage', () => {
    runs += 1;
    return held;
  });
  const first = app.health.report();
  const others = Array.from({ length: 5 }, () => app.health.report());
  end();
  assert.deepEqual([...new Set([await first, ...(await Promise.all(others))])], [await first]);
  assert.equal(runs, 1);
  await untilHealth(url, 'healthy');
  assert.ok(runs > 1, 'the next probe asks again');
});

test('a check that hangs fails at its timeout', { timeout: 60_000 }, async (t) => {
  const { app, url } = await startApp(t);
  let aborted = false;
  const hang: HealthCheck = (signal) => {
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    return new Promise(() => {});
  };
  const ended: HealthCheck = (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  app.health.add('storage', hang, { timeoutMs: 20 });
  app.health.add('cache', ended, { timeoutMs: 20 });

  const report = await bodyOf(await fetch(`${url}/health`));
  assert.equal(report.checks.storage.error, 'no answer within 20 ms');
  assert.equal(report.checks.cache.error, 'no answer within 20 ms', 'not in the words of what it was ended by');
  assert.ok(aborted, 'the check was told to stop');
});

test('it is not ready while it starts and while it drains', async (t) => {
  const { app, url } = await startApp(t, {
    extend: async (starting) => {
      starting.addHook('onReady', async () => assert.equal(starting.lifecycle.phase, 'starting'));
    },
  });
  app.lifecycle.phase = 'starting';
  assert.equal(await status(`${url}/health/ready`), 503);
  app.lifecycle.phase = 'draining';
  assert.equal(await status(`${url}/health/ready`), 503);
  assert.equal(await status(`${url}/health/live`), 200);
});

test('probes leave no log line and no metric', async (t) => {
  const { app, url, logs } = await startApp(t);
  for (const path of ['/health', '/health/live', '/health/ready', '/metrics']) await fetch(url + path);
  assert.deepEqual(
    logs.filter(({ msg }) => msg === 'request'),
    [],
  );
  assert.doesNotMatch(await app.metrics.metrics(), /http_route="\/health/);
});
