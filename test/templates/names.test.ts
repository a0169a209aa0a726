import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { manifests, sourceTemplates } from '../../src/cli/templates/manifests.ts';
import { withInstance } from '../../src/generate/inputs/change-record.ts';
import { longestInstance, whyNoInstanceName } from '../../src/generate/inputs/names.ts';
import { newRecord } from '../../src/generate/inputs/new-record.ts';
import type { Instance } from '../../src/generate/record.ts';
import { renderTree } from '../../src/generate/render/render-tree.ts';

const exec = promisify(execFile);
const biome = fileURLToPath(new URL('../../node_modules/@biomejs/biome/bin/biome', import.meta.url));

const ofEveryLength = Array.from({ length: longestInstance - 3 }, (_, index) =>
  `a${'bcdefghij-'.repeat(8)}`.slice(0, index + 4).replace(/-$/, 'x'),
);
/** Words of the platform, of the language's globals and of this service itself. */
const awkward = `health settings client clients logger request response error config process console promise object date
  postgres nats events sagas order order-service service as get set buffer array string number boolean symbol json math
  set-timeout abort-signal fastify pino main server routes plugins example idempotency outbox inbox metrics auth input
  output steps saga record result context data event message payload key status broker queue engine before it thing
  account env path fs module require exports self window`.split(/\s+/);
const names = [...ofEveryLength, ...awkward].filter((name) => whyNoInstanceName(name) === undefined);

test.each<[string, (name: string) => Instance]>([
  ['clients', (name) => ({ name })],
  ['sagas', (name) => ({ name, steps: 'reserve-stock,charge-card@payments' })],
  ['sagas', (name) => ({ name, steps: 'create-order@self,charge-card@payments' })],
  ['aggregates', (name) => ({ name })],
  [
    'events',
    (name) => ({ name: `${name.slice(0, longestInstance - 8).replace(/-$/, '')}.created`, direction: 'publish' }),
  ],
])('%s of every length and of awkward names pass format and lint', async (kind, instanceOf) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-names-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const start = newRecord({ name: 'order-service', packageManager: 'npm', features: {} }, '1.0.0', manifests);
  const distinct = new Map(names.map(instanceOf).map((instance) => [instance.name, instance]));
  const record = [...distinct.values()].reduce(
    (grown, instance) => withInstance(grown, kind, instance, manifests),
    start,
  );
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
    { name: 'order-service', packageManager: 'npm', features: { redis: {} } },
    '1.0.0',
    manifests,
  );
  const record = withInstance(start, 'clients', { name: 'redis' }, manifests);
  await expect(renderTree(record, sourceTemplates)).rejects.toMatchObject({
    code: 'NAME_TAKEN',
    why: expect.stringContaining('REDIS_URL'),
  });
});
