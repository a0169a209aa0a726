import type { CheckRun, NotReported } from '../contract.ts';
import type { FailOn } from '../fail-on.ts';
import { github } from './github.ts';
import { renderJson, renderJsonOfMany } from './json.ts';
import { junit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { openmetrics } from './openmetrics.ts';
import { sarif } from './sarif.ts';
import { renderTerminal, type TerminalOptions } from './terminal.ts';

/** In pieces, because a report of a large cluster need not be in memory as a whole. */
export type Render = (run: CheckRun, options: RenderOptions) => Iterable<string> | Promise<Iterable<string>>;

/** What a report is told beside the run. */
export interface RenderOptions extends TerminalOptions {
  /** What the exit code counts. */
  failOn: FailOn;
  /** It counts only what is new or worse. */
  failOnNew?: boolean | undefined;
  /** Parts of a repository, or clusters, that there is no run of. */
  notReported?: readonly NotReported[] | undefined;
}

/** Formats whose document of several environments or clusters is more than one after another. */
const together: Readonly<Record<string, (runs: readonly CheckRun[], options: RenderOptions) => Iterable<string>>> = {
  json: (runs, { notReported = [] }) => renderJsonOfMany(runs, notReported),
  // Environments share most of their files, and one annotation at a line is enough.
  github: (runs) => new Set(runs.flatMap((run) => [...github(run, runs.length > 1)])),
  sarif: (runs) => [sarif(runs)],
  junit: (runs, { failOn, failOnNew }) => [junit(runs, failOn, failOnNew)],
  openmetrics: (runs) => [openmetrics(runs)],
};

/** Formats that hold one environment, or cluster. */
export const single: ReadonlySet<string> = new Set(['html']);

/** Of the environments of a repository, however many they are, or of several clusters: one document. */
export async function renderEnvironments(
  format: string,
  runs: readonly CheckRun[],
  options: RenderOptions,
): Promise<Iterable<string>> {
  const many = together[format];
  if (many) return many(runs, options);
  const pieces: string[] = [];
  for (const [index, run] of runs.entries()) {
    if (index > 0) pieces.push('\n\n');
    pieces.push(...((await formats[format]?.(run, options)) ?? []));
  }
  return pieces;
}

/** Every way to write a run down, by the name that `-o` knows. */
export const formats: Readonly<Record<string, Render>> = {
  terminal: (run, options) => [renderTerminal(run, options)],
  json: renderJson,
  markdown: (run) => [renderMarkdown(run)],
  github: (run) => github(run),
  sarif: (run) => [sarif([run])],
  junit: (run, { failOn, failOnNew }) => [junit([run], failOn, failOnNew)],
  openmetrics: (run) => [openmetrics([run])],
  // Its layout of the graph is more code than all the others: loaded where it is asked for.
  html: async (run) => (await import('./html/html.ts')).renderHtml(run),
};
