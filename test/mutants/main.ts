/**
 * `npm run mutants [-- part of a file name or harm …]`: puts small faults into a generated service with everything, one
 * at a time, and runs the tests that must see each. A survivor is a hole in what we generate tests for. It takes the
 * better part of an hour, so CI only looks that every mutant still has its place (list.test.ts).
 *
 * `--service <folder>` takes a service with everything that is installed already, and changes it back afterwards.
 */
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install } from '../generated/support/install.ts';
import { everything, makeService } from '../generated/support/make-service.ts';
import { runCommand } from '../generated/support/run-command.ts';
import { serviceEnvironment } from '../generated/support/service-environment.ts';
import { mutants } from './list/index.ts';
import type { Mutant, Outcome } from './mutant.ts';

/** A test that does not end by itself has not told anybody what is wrong. */
const longestMs = 240_000;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { service: { type: 'string' } } });
const wanted = mutants.filter(
  ({ file, harm }) =>
    positionals.length === 0 || positionals.some((part) => file.includes(part) || harm.includes(part)),
);
const env = serviceEnvironment(process.env.PATH ?? '');

/** The process group ends with us, so a change that is in place can be undone. */
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

async function freshService(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-mutants-')));
  const made = await makeService(everything, folder);
  await install(made, env);
  return made;
}

async function runTests(cwd: string, { tests, faults }: Pick<Mutant, 'tests' | 'faults'>): Promise<Outcome> {
  const { done, stop } = runCommand(`npm run --silent ${faults ? 'test:faults' : 'test'} -- ${tests.join(' ')}`, {
    cwd,
    env,
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, longestMs);
  interrupted.signal.addEventListener('abort', stop, { once: true });
  try {
    await done;
    return 'survived';
  } catch {
    return isLate ? 'too slow' : 'killed';
  } finally {
    clearTimeout(timer);
    interrupted.signal.removeEventListener('abort', stop);
  }
}

async function tryMutant(cwd: string, mutant: Mutant): Promise<Outcome> {
  const path = join(cwd, mutant.file);
  const original = await readFile(path, 'utf8');
  await writeFile(
    path,
    original.replace(mutant.from, () => mutant.to),
  );
  try {
    return await runTests(cwd, mutant);
  } finally {
    await writeFile(path, original);
  }
}

const cwd = values.service ? await realpath(values.service) : await freshService();
const left: Mutant[] = [];
try {
  for (const [index, mutant] of wanted.entries()) {
    if (interrupted.signal.aborted) break;
    const outcome = await tryMutant(cwd, mutant);
    if (interrupted.signal.aborted) break;
    if (outcome !== 'killed') left.push(mutant);
    console.log(`${index + 1}/${wanted.length} ${outcome}: ${mutant.harm} (${mutant.file})`);
  }
} finally {
  if (!values.service) await rm(join(cwd, '..'), { recursive: true, force: true });
}
console.log(`\n${wanted.length} mutants, ${left.length} left alive`);
for (const { harm, file, tests } of left) console.log(`  ${harm}: ${file}, asked of ${tests.join(', ')}`);
process.exitCode = left.length > 0 || interrupted.signal.aborted ? 1 : 0;
