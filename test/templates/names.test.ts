import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { manifests, sourceTemplates } from '../../src/cli/templates/manifests.ts';
import { withInstance } from '../../src/generate/inputs/change-record.ts';
import { whyNoNameOf } from '../../src/generate/inputs/names.ts';
import { newRecord } from '../../src/generate/inputs/new-record.ts';
import { renderTree } from '../../src/generate/render/render-tree.ts';
import { awkwardService, kinds } from './support/awkward-names.ts';

const exec = promisify(execFile);
const biome = fileURLToPath(new URL('../../node_modules/@biomejs/biome/bin/biome', import.meta.url));

test.each(kinds)('%s of every length and of awkward names pass format and lint', async (kind, instanceOf) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-names-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const record = await awkwardService(kind, instanceOf);
  for (const [path, { content }] of await renderTree(record, sourceTemplates)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const said = await exec(process.execPath, [biome, 'check', '--colors=off', '.'], { cwd: folder }).then(
    () => '',
    (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`,
  );
  expect(said).toBe('');
});

test('a name whose setting another feature has is refused by name', async () => {
  const start = newRecord(
    { name: 'order-service', packageManager: 'npm', features: { postgres: {} } },
    '1.0.0',
    manifests,
  );
  const record = withInstance(start, 'clients', { name: 'database' }, manifests);
  await expect(renderTree(record, sourceTemplates)).rejects.toMatchObject({
    code: 'NAME_TAKEN',
    why: expect.stringContaining('DATABASE_URL'),
  });
});

test('no client is called as a health check of another feature is', async () => {
  const { instances } = manifests.find(({ id }) => id === 'clients') ?? {};
  const files = sourceTemplates.features.flatMap(({ once, with: together }) => [
    ...once,
    ...Object.values(together).flatMap((part) => part.once),
  ]);
  const checks = files
    .filter(({ path }) => path.startsWith('src/plugins/'))
    .flatMap((file) => [...file.render({}).matchAll(/health\.add\(\s*'([a-z-]+)'/g)].map(([, name]) => name as string));
  expect(checks.length).toBeGreaterThan(5);
  const isAllowed = (name: string) => instances && whyNoNameOf(instances, name) === undefined;
  expect(checks.filter(isAllowed)).toEqual([]);
});

test.each([
  ['clients', 'http', 'INVALID_NAME'],
  ['sagas', 'test', 'INVALID_NAME'],
  ['aggregates', 'constructor', 'INVALID_NAME'],
  ['aggregates', 'decide', 'INVALID_NAME'],
  ['sagas', 'a-1', 'NAME_TAKEN'],
  ['clients', 'a-1', 'NAME_TAKEN'],
])('%s: %s is refused before there is a plan', (kind, name, code) => {
  const start = newRecord({ name: 'order-service', packageManager: 'npm', features: {} }, '1.0.0', manifests);
  const add = (record: typeof start, added: string) =>
    withInstance(record, kind, { name: added, ...(kind === 'sagas' && { steps: 'ship-order' }) }, manifests);
  expect(() => add(add(start, 'a1'), name)).toThrow(expect.objectContaining({ code }));
});
