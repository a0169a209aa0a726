import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, sep } from 'node:path';
import { bundle, filesOf } from './bundle.ts';
import { withLocalPrograms } from './local-programs.ts';
import { runNode } from './run-node.ts';

/**
 * `npm test [-- part of a file name]` runs test/, `npm run test:faults` only test/faults/ (killed processes, slower).
 * Node's own runner: nothing to install, and every file is a process of its own.
 */
const outdir = '.build/test';
const args = process.argv.slice(2);
const faults = args.includes('--faults');
const named = args.filter((arg) => !arg.startsWith('--'));

const isWanted = (file: string) =>
  file.startsWith(join('test', 'faults', sep)) === faults &&
  (named.length === 0 || named.some((name) => file.includes(name)));
const tests = (await filesOf('test')).filter((file) => file.endsWith('.test.ts') && isWanted(file)).sort();

if (tests.length === 0 && faults && named.length === 0) {
  console.log('No fault tests here: test/faults/ has none');
} else if (tests.length === 0) {
  console.error(`No test file ${named.length > 0 ? `matches ${named.join(', ')}` : 'yet'}`);
  process.exitCode = 1;
} else {
  await rm(outdir, { recursive: true, force: true });
  const build = await bundle({ outdir, outbase: '.', tests });
  await build.rebuild();
  await build.dispose();
  const files = tests.map((file) => join(outdir, file.replace(/\.ts$/, '.js')));
  // Node's own default leaves one processor idle; two processors would become one.
  const concurrency = `--test-concurrency=${availableParallelism()}`;
  // A test that waits for ever does not keep a pipeline for hours. Node 20 counts all tests of a file together, so a
  // machine may be many times slower than this one before it matters.
  const timeout = `--test-timeout=${faults ? 1_800_000 : 900_000}`;
  // In a pipeline as on a terminal: what failed is told once more at the end.
  const reporter = '--test-reporter=spec';
  process.exitCode = await withLocalPrograms('test', (env) =>
    runNode(['--enable-source-maps', '--test', reporter, concurrency, timeout, ...files], { ...env, NODE_ENV: 'test' }),
  );
}
