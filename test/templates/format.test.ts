import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { everything, makeService, presetServices } from '../generated/support/make-service.ts';

const exec = promisify(execFile);
const biome = fileURLToPath(new URL('../../node_modules/@biomejs/biome/bin/biome', import.meta.url));

// The quick half of what the generated services' own `npm run lint` says, without installing them.
test.each([...presetServices, everything])('what is generated is formatted and linted: $name', async (wanted) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-format-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const cwd = await makeService(wanted, folder);
  const complaints = await exec(process.execPath, [biome, 'check', '--colors=off', '.'], { cwd }).then(
    () => '',
    (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`,
  );
  expect(complaints).toBe('');
});
