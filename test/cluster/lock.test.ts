import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.ts';

describe('a lock', () => {
  let folder = '';
  const file = () => join(folder, 'lock');
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'msvc-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lets one work at a time, and tells the others why they wait', async () => {
    const log: string[] = [];
    const told: string[] = [];
    const work = (name: string) =>
      withLock(
        file(),
        (line) => told.push(line),
        async () => {
          log.push(`${name} begins`);
          await new Promise((resolve) => setImmediate(resolve));
          log.push(`${name} ends`);
        },
      );
    await Promise.all([work('a'), work('b')]);
    expect(log).toHaveLength(4);
    expect(log[1]).toBe(log[0]?.replace('begins', 'ends'));
    expect(told).toEqual([`waiting for process ${process.pid}, which is building the same`]);
    expect(existsSync(file())).toBe(false);
  });

  it('of a process that died is taken over', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    await writeFile(file(), String(pid));
    expect(
      await withLock(
        file(),
        () => expect.fail('it waited'),
        async () => 'worked',
      ),
    ).toBe('worked');
  });

  it('is given back when the work fails', async () => {
    const failing = withLock(
      file(),
      () => {},
      () => Promise.reject(new Error('no')),
    );
    await expect(failing).rejects.toThrow('no');
    expect(existsSync(file())).toBe(false);
  });
});
