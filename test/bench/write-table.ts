import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Bench, Row } from './bench.ts';

const readme = new URL('../../README.md', import.meta.url);

const table = (bench: Bench, rows: readonly Row[]): string =>
  [
    `**${bench.title}.** ${bench.how} Node ${process.versions.node}, ${cpus().length} cores.`,
    '',
    '| | measured | aim |',
    '|---|---:|---:|',
    ...rows.map(
      (row) => `| ${row.what} | ${row.result}${row.met === false ? ' (missed)' : ''} | ${row.target ?? ''} |`,
    ),
  ].join('\n');

/** Puts a benchmark's table between its two markers in the README; a benchmark without markers is an error. */
export function writeTable(bench: Bench, rows: readonly Row[]): void {
  const text = readFileSync(readme, 'utf8');
  const start = `<!-- bench:${bench.id} -->`;
  const end = `<!-- /bench:${bench.id} -->`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`README.md has no place for the table of "${bench.id}": add ${start}${end}`);
  writeFileSync(readme, `${text.slice(0, from + start.length)}\n${table(bench, rows)}\n${text.slice(to)}`);
}
