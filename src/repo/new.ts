import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nameForms } from '../generate/inputs/name-forms.ts';
import { checkStub } from './stubs/check.ts';
import { commandStub } from './stubs/command.ts';
import { featureStub } from './stubs/feature.ts';
import { formatStub } from './stubs/format.ts';
import type { Stub } from './stubs/stub.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const stubs: Record<string, (id: string) => Stub> = {
  command: commandStub,
  feature: featureStub,
  check: checkStub,
  format: formatStub,
};

/** What was written, as paths from the top, and the tests that concern it. */
interface Written {
  paths: string[];
  tests: readonly string[];
}

/** Writes what a new thing of a kind needs, so that it passes `npm run check` as it is. Nothing is overwritten. */
export function writeStub(kind: string, id: string, into = root): Written {
  const make = Object.hasOwn(stubs, kind) ? stubs[kind] : undefined;
  if (!make) throw new Error(`no kind "${kind}"; there are: ${Object.keys(stubs).join(', ')}`);
  if (nameForms(id).name !== id || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))
    throw new Error(`"${id}" is not kebab-case`);
  const { files, index, tests, snapshots = [] } = make(id);
  const taken = Object.keys(files).filter((path) => existsSync(join(into, path)));
  if (taken.length > 0) throw new Error(`already there: ${taken.join(', ')}`);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    writeFileSync(join(into, path), content);
  }
  if (index) {
    const path = join(into, index.path);
    writeFileSync(path, index.change(readFileSync(path, 'utf8')));
  }
  const paths = [...Object.keys(files), ...(index ? [index.path] : [])];
  const run = (tool: string, ...args: string[]): string =>
    execFileSync(join(into, 'node_modules/.bin', tool), args, { cwd: into, encoding: 'utf8', stdio: 'pipe' });
  // How a line breaks depends on the length of the name.
  const code = paths.filter((path) => /^(src|test)\//.test(path));
  if (code.length > 0) run('biome', 'check', '--write', ...code);
  // Afresh: this process has the lists of before.
  run('tsx', 'src/repo/docs.ts');
  if (snapshots.length > 0) run('vitest', 'run', '--project', 'fast', ...snapshots, '--update');
  return { paths, tests };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind, id] = process.argv.slice(2);
  if (!kind || !id) {
    console.error(`usage: npm run new ${Object.keys(stubs).join('|')} <id>`);
    process.exit(2);
  }
  try {
    const { paths, tests } = writeStub(kind, id);
    for (const path of paths) console.log(path);
    console.log(`\nThe tests that concern it: npx vitest run --project fast ${tests.join(' ')}`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 2;
  }
}
