import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bench, Row } from './bench.ts';
import { writeTable } from './write-table.ts';

/** A benchmark is a file here that exports `bench`; the helpers beside them do not. */
async function benches(): Promise<Bench[]> {
  const folder = new URL('.', import.meta.url);
  const found: Bench[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.ts') || file === 'main.ts') continue;
    const { bench } = (await import(pathToFileURL(new URL(file, folder).pathname).href)) as { bench?: Bench };
    if (!bench) continue;
    if (bench.id !== basename(file, '.ts')) throw new Error(`${file}: its id is "${bench.id}", not the file's name`);
    found.push(bench);
  }
  return found;
}

const show = (row: Row): string =>
  `  ${row.met === false ? '✗' : row.met ? '✓' : ' '} ${row.what}: ${row.result}${row.target ? ` (${row.target})` : ''}`;

const all = await benches();
const usage = `npm run bench -- [id…] [--write]; there are: ${all.map(({ id }) => id).join(', ')}`;
const args = process.argv.slice(2);
const write = args.includes('--write');
const wanted = args.filter((arg) => arg !== '--write');
if (!wanted.every((arg) => all.some(({ id }) => id === arg))) {
  console.error(usage);
  process.exit(2);
}

let allMet = true;
for (const bench of all.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
  console.log(`${bench.title} (${bench.id})`);
  const rows = await bench.run((line) => console.error(`  … ${line}`));
  for (const row of rows) console.log(show(row));
  // At once: what a later one meets must not cost the minutes of this one.
  if (write) writeTable(bench, rows);
  allMet &&= rows.every((row) => row.met !== false);
}
process.exitCode = allMet ? 0 : 1;
