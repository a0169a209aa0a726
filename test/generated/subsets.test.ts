import { existsSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { offeredFeatures } from '../../src/cli/templates/offered-features.ts';
import type { FeatureManifest } from '../../src/generate/manifest.ts';
import { commandsFor } from './support/instances.ts';
import { linkDeclared } from './support/link-declared.ts';
import { makeService } from './support/make-service.ts';
import { serviceEnvironment } from './support/service-environment.ts';
import { run } from './support/service-project.ts';

const { path, everything } = inject('generated');

/** Every feature alone and every two together: what two features do to each other, and no third one hides. */
const subsets: FeatureManifest[][] = offeredFeatures.flatMap((first, index) => [
  [first],
  ...offeredFeatures.slice(index + 1).map((second) => [first, second]),
]);

// All of them side by side, so that one run of each tool sees them all: one more feature costs seconds, not minutes.
describe('services with one feature, and with two', () => {
  let folder: string;
  let services: string[];

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-subsets-')));
    const make = async (features: readonly FeatureManifest[]): Promise<string> => {
      const name = `with-${features.map(({ id }) => id).join('-')}`;
      const service = await makeService({ name, preset: 'nothing', commands: features.flatMap(commandsFor) }, folder);
      await linkDeclared(service, everything);
      return service;
    };
    services = await Promise.all(subsets.map(make));
    const references = services.map((service) => ({ path: service }));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ files: [], references }));
    return () => rm(folder, { recursive: true, force: true });
  });

  const tool = (line: string) =>
    run(`${join(everything, 'node_modules/.bin')}/${line}`, { cwd: folder, env: serviceEnvironment(path) });

  test('each passes format and lint', async () => {
    // Each keeps its own settings below an empty root.
    await writeFile(join(folder, 'biome.json'), '{ "root": true, "files": { "includes": ["with-*/**"] } }\n');
    for (const service of services) {
      const file = join(service, 'biome.json');
      await writeFile(file, (await readFile(file, 'utf8')).replace('{\n', '{\n  "root": false,\n'));
    }
    const said = await tool('biome check --max-diagnostics=100 .');
    // A run that saw nothing would find nothing.
    expect(Number(/Checked (\d+) files/.exec(said)?.[1])).toBeGreaterThan(50 * services.length);
  });

  test('a package that is installed, and not declared, is not found', () => {
    const findFrom = (service: string) => createRequire(join(service, 'package.json')).resolve;
    expect(findFrom(everything)('pg')).toContain('pg');
    expect(findFrom(join(folder, 'with-example'))('fastify')).toBe(findFrom(everything)('fastify'));
    expect(() => findFrom(join(folder, 'with-example'))('pg')).toThrow('Cannot find module');
  });

  // One program each, for what one service declares globally must not help another; with one checker each, for programs
  // this small cost more to divide than to check.
  test('each passes types, with no packages but those that it declares', async () => {
    await tool('tsc --build --checkers 1 --builders 2');
    const isChecked = (service: string) => existsSync(join(service, 'tsconfig.tsbuildinfo'));
    expect(services.filter((service) => !isChecked(service))).toEqual([]);
  });
});
