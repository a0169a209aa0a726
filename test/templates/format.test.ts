import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { presets } from '../../src/cli/templates/manifests.ts';
import { offeredFeatures } from '../../src/cli/templates/offered-features.ts';
import { useBuiltPackage } from '../cli/support/built-package.ts';
import { commandsFor } from '../generated/instances.ts';

const built = useBuiltPackage();
const exec = promisify(execFile);
const biome = fileURLToPath(new URL('../../node_modules/@biomejs/biome/bin/biome', import.meta.url));

const services = [
  ...presets.map(({ id }) => ({ name: id, preset: id, commands: [] as readonly string[] })),
  { name: 'everything', preset: 'rest', commands: offeredFeatures.flatMap(commandsFor) },
];

// The quick half of what the generated services' own `npm run lint` says, without installing them.
test.each(services)('what is generated is formatted and linted: $name', async ({ preset, commands }) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-format-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const run = async (line: string, cwd: string): Promise<void> => {
    const [name = '', ...args] = line.split(' ');
    await exec(name, args, { cwd, env: { PATH: built.path } });
  };
  await run(`create-microservice order-service --template ${preset} --no-install --no-git`, folder);
  const cwd = join(folder, 'order-service');
  for (const command of commands) await run(`${command} --no-install --yes`, cwd);
  const complaints = await exec(process.execPath, [biome, 'check', '--colors=off', '.'], { cwd }).then(
    () => '',
    (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`,
  );
  expect(complaints).toBe('');
});
