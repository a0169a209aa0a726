import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withLock } from '../../templates/features/servers/once/scripts/lock.ts';

let folder = '';
const file = () => join(folder, 'lock');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msvc-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const neverWaits = () => expect.fail('it waited');

/** Runs several at once, and gives what each said at its beginning and end. The first goes on when `mayGoOn`. */
async function atOnce(count: number, onWait = (_: number) => {}, mayGoOn = () => true): Promise<string[]> {
  const log: string[] = [];
  const work = async (name: number) => {
    const isFirst = log.push(`${name} begins`) === 1;
    if (isFirst) await vi.waitUntil(mayGoOn, { timeout: 60_000 });
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} ends`);
  };
  await Promise.all(Array.from({ length: count }, (_, name) => withLock(file(), () => work(name), onWait)));
  return log;
}
const inTurn = (log: readonly string[]): string[] =>
  log.flatMap((line) => (line.endsWith('begins') ? [line, line.replace('begins', 'ends')] : []));

test('one works at a time, the others are told once for whom they wait, and nothing stays', async () => {
  const told: number[] = [];
  const log = await atOnce(
    3,
    (owner) => told.push(owner),
    () => told.length === 2,
  );
  expect(log).toHaveLength(6);
  expect(log).toEqual(inTurn(log));
  expect(told).toEqual([process.pid, process.pid]);
  expect(await readdir(folder)).toEqual([]);
});

test('the lock of a process that died is taken over, by one of those that see it', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '0']);
  await writeFile(file(), String(pid));
  expect(await withLock(file(), async () => 'worked', neverWaits)).toBe('worked');

  await writeFile(file(), String(pid));
  const log = await atOnce(8);
  expect(log).toHaveLength(16);
  expect(log).toEqual(inTurn(log));
  expect(await readdir(folder)).toEqual([]);
});

test('a lock without an owner holds up nobody', async () => {
  await writeFile(file(), '');
  expect(await withLock(file(), async () => 'worked', neverWaits)).toBe('worked');
});

test('it is given back when the work fails', async () => {
  const failing = withLock(file(), () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await readdir(folder)).toEqual([]);
});
