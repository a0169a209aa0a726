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

/** Writes what a new thing of a kind needs, so that it passes `npm run check` as it is. Nothing is overwritten. */
export function writeStub(kind: string, id: string, into = root): string[] {
  const make = Object.hasOwn(stubs, kind) ? stubs[kind] : undefined;
  if (!make) throw new Error(`no kind "${kind}"; there are: ${Object.keys(stubs).join(', ')}`);
  if (nameForms(id).name !== id || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))
    throw new Error(`"${id}" is not kebab-case`);
  const { files, index } = make(id);
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
  return [...Object.keys(files), ...(index ? [index.path] : [])];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind, id] = process.argv.slice(2);
  if (!kind || !id) {
    console.error(`usage: npm run new ${Object.keys(stubs).join('|')} <id>`);
    process.exit(2);
  }
  try {
    for (const path of writeStub(kind, id)) console.log(path);
    console.log('\nNext: npm run docs && npm run check');
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 2;
  }
}
