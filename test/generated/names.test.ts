import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, inject, test } from 'vitest';
import { manifests, sourceTemplates } from '../../src/cli/templates/manifests.ts';
import { withFeature } from '../../src/generate/inputs/change-record.ts';
import { newRecord } from '../../src/generate/inputs/new-record.ts';
import { renderTree } from '../../src/generate/render/render-tree.ts';
import { awkwardService, kinds } from '../templates/support/awkward-names.ts';
import { linkDeclared } from './support/link-declared.ts';
import { serviceEnvironment } from './support/service-environment.ts';
import { run } from './support/service-project.ts';

const { path, everything } = inject('generated');

// One service a kind, with instances of all awkward names: what a name shadows is seen where it is used.
describe('services whose instances have awkward names', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-names-')));
    const start = newRecord({ name: 'order-service', packageManager: 'npm', features: {} }, '1.0.0', manifests);
    const full = manifests
      .filter(({ selectable }) => selectable)
      .reduce((record, { id }) => withFeature(record, id, {}, manifests), start);
    for (const [kind, instanceOf] of kinds) {
      const service = join(folder, kind);
      for (const [file, { content }] of await renderTree(
        await awkwardService(kind, instanceOf, full),
        sourceTemplates,
      )) {
        await mkdir(dirname(join(service, file)), { recursive: true });
        await writeFile(join(service, file), content);
      }
      await linkDeclared(service, everything);
    }
    return () => rm(folder, { recursive: true, force: true });
  });

  const env = serviceEnvironment(path);

  test.each(kinds)('%s pass types', async (kind) => {
    await run(`${join(everything, 'node_modules/.bin/tsc')}`, { cwd: join(folder, kind), env });
  });

  // Health checks, metrics, routes and settings of all of them are there at once.
  test('the service starts with clients of all of them', async () => {
    await run('npm test -- health.test', { cwd: join(folder, 'clients'), env });
  });
});
