import { beforeAll, expect, inject, test } from 'vitest';
import { pagesOf, shellLines } from '../cli/support/documented-commands.ts';
import { runCommand } from './support/run-command.ts';
import { serviceEnvironment } from './support/service-environment.ts';

const { path, everything } = inject('generated');
const place = { cwd: everything, env: serviceEnvironment(path) };

/** Run by the tests of a service with everything, which also change it. */
const elsewhere = /^npm run (dev|test|lint|build)$/;

/** About something that a new service does not have: they say so, and fail. */
const fails = ['show 7', 'replay 7', 'retry 7', 'drop 7'];

const lines = shellLines(pagesOf(everything), 'its pages')
  .map(({ line }) => line)
  .filter((line) => line.startsWith('npm run ') && !elsewhere.test(line));

// On the development servers, which each of them starts; `npm run dev`, which the README names first, migrates them.
beforeAll(() => runCommand('npm run migrate', place).done);

test('the pages of a service with everything name some', () =>
  expect(lines).toEqual(expect.arrayContaining(['npm run projections -- list', 'npm run dead-letters -- show 7'])));

test.each(lines)('%s', async (line) => {
  const { done } = runCommand(line, place);
  if (fails.some((end) => line.endsWith(end))) await expect(done).rejects.toThrow(/\b7: see "list"/);
  else await done;
});
