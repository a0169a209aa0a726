import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSurroundings } from '../../../src/generate/files/surroundings.ts';
import { scratchFolder } from '../support/scratch.ts';

test('the nearest field and the nearest lockfile count, from folders that need not exist yet', async () => {
  const dir = await scratchFolder();
  await mkdir(join(dir, 'inner'));
  await writeFile(join(dir, 'package.json'), '{ "packageManager": "pnpm@10.0.0" }');
  await writeFile(join(dir, 'package-lock.json'), '{}');
  expect(await readSurroundings(join(dir, 'inner/new-service'))).toEqual({
    field: 'pnpm@10.0.0',
    lockfile: 'package-lock.json',
  });
  await writeFile(join(dir, 'inner/package.json'), '{ broken');
  await writeFile(join(dir, 'inner/yarn.lock'), '');
  expect(await readSurroundings(join(dir, 'inner'))).toEqual({ field: 'pnpm@10.0.0', lockfile: 'yarn.lock' });
});
