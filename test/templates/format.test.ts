import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { formatJson } from '../../templates/base/scripts/contracts/write-json.ts';
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

  const contracts = (await readdir(join(cwd, 'contracts'), { recursive: true })).filter((file) =>
    file.endsWith('.json'),
  );
  expect(contracts).toContain('openapi.json');
  for (const file of contracts) {
    const text = await readFile(join(cwd, 'contracts', file), 'utf8');
    // As its own `npm run contract` would write it again.
    expect(text, file).toBe(formatJson(JSON.parse(text)));
  }
});
