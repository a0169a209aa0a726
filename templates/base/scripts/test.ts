import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { withLocalPrograms } from './local-programs.ts';
import { runNode } from './run-node.ts';

/**
 * `npm test [-- part of a file name]` runs test/, `npm run test:faults` only test/faults/ (killed processes, slower).
 * Node's own runner: nothing to install, and every file is a process of its own.
 */
const args = process.argv.slice(2);
const faults = args.includes('--faults');
const named = args.filter((arg) => !arg.startsWith('--'));

// Node's own default leaves one processor idle; two processors would become one.
const concurrency = `--test-concurrency=${availableParallelism()}`;

const found = (await readdir('test', { recursive: true })).filter((file) => file.endsWith('.test.ts')).sort();
const files = found.filter(
  (file) => /^faults[/\\]/.test(file) === faults && (named.length === 0 || named.some((name) => file.includes(name))),
);

if (files.length === 0) {
  console.error(`No test file in test/ ${named.length > 0 ? `matches ${named.join(', ')}` : 'yet'}`);
  process.exitCode = 1;
} else {
  process.exitCode = await withLocalPrograms('test', (env) =>
    runNode(['--import', 'tsx', '--test', concurrency, ...files.map((file) => join('test', file))], {
      ...env,
      NODE_ENV: 'test',
    }),
  );
}
