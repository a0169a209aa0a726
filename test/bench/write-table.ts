import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Bench, Row } from './bench.ts';

const pages = { all: 'BENCHMARKS.md', lines: 'README.md' };
const pathOf = (page: string): URL => new URL(`../../${page}`, import.meta.url);

const cell = ({ result, met }: Row): string => `${result}${met === false ? ' (missed)' : ''}`;

const table = (bench: Bench, rows: readonly Row[]): string =>
  [
    `${bench.how} Node ${process.versions.node}, ${cpus().length} cores.`,
    '',
    '| | measured | aim |',
    '|---|---:|---:|',
    ...rows.map((row) => `| ${row.what} | ${cell(row)} | ${row.target ?? ''} |`),
  ].join('\n');

/** What the README keeps of a benchmark: its first figure that has an aim. */
function line(bench: Bench, rows: readonly Row[]): string {
  const row = rows.find(({ target }) => target !== undefined);
  return row ? `| ${bench.title}: ${row.what} | ${cell(row)} | ${row.target} |` : '';
}

function between(page: string, id: string, content: string): void {
  const text = readFileSync(pathOf(page), 'utf8');
  const [start, end] = [`<!-- bench:${id} -->\n`, `<!-- /bench:${id} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no place for "${id}": add ${start}${end}`);
  writeFileSync(pathOf(page), `${text.slice(0, from + start.length)}${content}\n${text.slice(to)}`);
}

/** The README's lines of all benchmarks are one table: the line of this one takes the place of the one it had. */
function replaceLine(bench: Bench, rows: readonly Row[]): void {
  const text = readFileSync(pathOf(pages.lines), 'utf8');
  const inside = /<!-- bench -->\n([\s\S]*?)\n<!-- \/bench -->/.exec(text)?.[1];
  if (inside === undefined)
    throw new Error(`${pages.lines} has no place for benchmarks: add <!-- bench --><!-- /bench -->`);
  const isOwn = (each: string): boolean => each.startsWith(`| ${bench.title}:`);
  const lines = inside.split('\n');
  const own = line(bench, rows);
  const changed = lines.some(isOwn) ? lines.map((each) => (isOwn(each) ? own : each)) : [...lines, own];
  writeFileSync(
    pathOf(pages.lines),
    text.replace(inside, () => changed.filter(Boolean).join('\n')),
  );
}

/** Puts a benchmark's table into its place in BENCHMARKS.md and its one line into the README's. */
export function writeTable(bench: Bench, rows: readonly Row[]): void {
  between(pages.all, bench.id, table(bench, rows));
  replaceLine(bench, rows);
}
