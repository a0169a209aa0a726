import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodeProgram } from '../../src/repo/node-program.ts';
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

/** The major version that the images of generated services bring. */
const imageMajor = /^FROM node:(\d+)/m.exec(
  readFileSync(new URL('../../templates/base/Dockerfile.hbs', import.meta.url), 'utf8'),
)?.[1] as string;

/** @returns whether all their aims were met */
function runOnImageNode(ids: readonly string[], flags: readonly string[]): boolean {
  const { node, env } = nodeProgram(imageMajor);
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...ids, '--this-node', ...flags];
  return spawnSync(node, args, { env, stdio: 'inherit' }).status === 0;
}

const all = await benches();
const usage = `npm run bench -- [id…] [--write] [--this-node]; there are: ${all.map(({ id }) => id).join(', ')}`;
const args = process.argv.slice(2);
const flags = args.filter((arg) => arg === '--write');
const write = flags.length > 0;
const onThisNode = args.includes('--this-node');
const wanted = args.filter((arg) => arg !== '--write' && arg !== '--this-node');
if (!wanted.every((arg) => all.some(({ id }) => id === arg))) {
  console.error(usage);
  process.exit(2);
}

let allMet = true;
const chosen = all.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
const isElsewhere = ({ subject }: Bench): boolean => subject === 'service' && !onThisNode;
for (const bench of chosen.filter((each) => !isElsewhere(each))) {
  console.log(`${bench.title} (${bench.id}), Node ${process.versions.node}`);
  const rows = await bench.run((line) => console.error(`  … ${line}`));
  for (const row of rows) console.log(show(row));
  // At once: what a later one meets must not cost the minutes of this one.
  if (write) writeTable(bench, rows);
  allMet &&= rows.every((row) => row.met !== false);
}
const elsewhere = chosen.filter(isElsewhere).map(({ id }) => id);
if (elsewhere.length > 0 && !runOnImageNode(elsewhere, flags)) allMet = false;
process.exitCode = allMet ? 0 : 1;
