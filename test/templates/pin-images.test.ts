import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const script = join(import.meta.dirname, '../../templates/base/scripts/pin-images.ts');
const tsx = join(import.meta.dirname, '../../node_modules/tsx/dist/loader.mjs');
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** Runs it beside a Dockerfile, with a docker that answers as its command `imagetools inspect` does. */
function pin(dockerfile: string, docker: string) {
  const folder = mkdtempSync(join(tmpdir(), 'msvc-pin-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'docker'), `#!/bin/sh\n${docker}\n`);
  chmodSync(join(bin, 'docker'), 0o755);
  writeFileSync(join(folder, 'Dockerfile'), dockerfile);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', tsx, script], {
    cwd: folder,
    env: { PATH: [bin, process.env.PATH].join(delimiter) },
    encoding: 'utf8',
  });
  return { status, stdout, stderr, dockerfile: readFileSync(join(folder, 'Dockerfile'), 'utf8') };
}

const says = (letter: string): string =>
  `[ "$3" = inspect ] && printf 'Name:      %s\\nDigest:    ${digest(letter)}\\n\\nManifests:\\n  Name: x@${digest('f')}\\n' "$4"`;
const from = (pinned = ''): string =>
  `FROM node:24-slim${pinned} AS build\nRUN echo FROM here\n\nFROM --platform=linux/amd64 node:24-slim${pinned}\nCOPY --from=build /app .\nFROM build AS test\nFROM scratch\n`;

test('every image that the Dockerfile begins with gets its digest, and again the newest one', () => {
  const first = pin(from(), says('a'));
  expect(first).toMatchObject({ status: 0, stdout: `node:24-slim  ${digest('a')}\n`, stderr: '' });
  expect(first.dockerfile).toBe(from(`@${digest('a')}`));
  expect(pin(first.dockerfile, says('b')).dockerfile).toBe(from(`@${digest('b')}`));
});

test.each([
  ['no docker that can be asked', 'echo "no route to the registry" >&2; exit 1', 'no route to the registry'],
  ['an answer without a digest', 'echo Name: x', 'docker told no digest of node:24-slim'],
])('%s changes nothing, and says so', (_, docker, why) => {
  const { status, stderr, dockerfile } = pin(from(), docker);
  expect(status).toBe(1);
  expect(stderr).toContain('Dockerfile stays as it is');
  expect(stderr).toContain(why);
  expect(dockerfile).toBe(from());
});
