import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { startService } from './support/process.ts';

test('SIGTERM under load loses no request', async (t) => {
  const leaving = await startService(t, { SHUTDOWN_DELAY_MS: '3000' });
  const staying = await startService(t);
  let target = leaving;
  let stop = false;
  t.after(() => {
    stop = true;
  });
  const statuses: Record<number, number> = {};

  // What a Kubernetes Service does: asks for readiness, and sends requests only to those that are ready.
  const balance = async () => {
    while (!stop) {
      const ready = await fetch(`${leaving.url}/health/ready`).catch(() => undefined);
      if (ready?.status !== 200) target = staying;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const send = async () => {
    while (!stop) {
      const { status } = await fetch(`${target.url}/openapi.json`);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  const work = Promise.all([balance(), ...Array.from({ length: 8 }, send)]);

  await eventually('some load', () => (statuses[200] ?? 0) > 200);
  leaving.child.kill('SIGTERM');
  assert.equal(await leaving.exited, 0);
  stop = true;
  await work;

  assert.equal(target, staying, 'it said "not ready" before it left');
  assert.deepEqual(Object.keys(statuses), ['200']);
  assert.ok(leaving.lines.some((line) => line.includes('"msg":"closed"')));
});

test('connections on which nobody asks anything hold up no shutdown', async (t) => {
  const service = await startService(t, { SHUTDOWN_TIMEOUT_MS: '15000' });
  const { port } = new URL(service.url);
  for (const begun of ['', 'GET / HTTP/1.1\r\n']) {
    const socket = connect(Number(port), '127.0.0.1');
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    socket.write(begun);
  }
  // Accepted in turn, so by now the service has those before.
  await fetch(`${service.url}/health/live`);
  service.child.kill('SIGTERM');
  assert.equal(await service.exited, 0, service.lines.at(-1));
});

test('a Ctrl-C that a parent passes on is one, and one that is pressed again ends it at once', async (t) => {
  const patient = await startService(t, { SHUTDOWN_DELAY_MS: '0' });
  for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM'] as const) patient.child.kill(signal);
  assert.equal(await patient.exited, 0, patient.lines.at(-1));

  const hurried = await startService(t, { SHUTDOWN_DELAY_MS: '60000' });
  hurried.child.kill('SIGTERM');
  await eventually('it ends', () => hurried.child.exitCode !== null || !hurried.child.kill('SIGTERM'));
  assert.equal(await hurried.exited, 1);
  assert.ok(hurried.lines.some((line) => line.includes('SIGTERM again')));
});

test('a crash ends it as a crash, and does not hang', { timeout: 30_000 }, async (t) => {
  const service = await startService(t);
  service.child.kill('SIGSEGV');
  await service.exited;
  assert.equal(service.child.signalCode, 'SIGSEGV');
});
