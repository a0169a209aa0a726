import { UserError } from '../../errors.ts';
import type { CheckRun } from '../contract.ts';
import { github } from './github.ts';
import { renderJson, renderJsonOfMany } from './json.ts';
import { junit, type Threshold } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { openmetrics } from './openmetrics.ts';
import { sarif } from './sarif.ts';
import { renderTerminal, type TerminalOptions } from './terminal.ts';

/** In pieces, because a report of a large cluster need not be in memory as a whole. */
export type Render = (run: CheckRun, options: RenderOptions) => Iterable<string> | Promise<Iterable<string>>;

/** What a report is told beside the run. */
export interface RenderOptions extends TerminalOptions {
  /** What the exit code counts. */
  failOn: Threshold;
  /** It counts only what is new or worse. */
  failOnNew?: boolean | undefined;
}

/** Formats whose document of several environments is more than one after another. */
const together: Readonly<Record<string, (runs: readonly CheckRun[], options: RenderOptions) => Iterable<string>>> = {
  json: renderJsonOfMany,
  // Environments share most of their files, and one annotation at a line is enough.
  github: (runs) => new Set(runs.flatMap((run) => [...github(run)])),
  sarif: (runs) => [sarif(runs)],
  junit: (runs, { failOn, failOnNew }) => [junit(runs, failOn, failOnNew)],
  openmetrics: (runs) => [openmetrics(runs)],
};

/**
 * Of the environments of a repository, however many they are: one document.
 *
 * @throws UserError ONE_ENVIRONMENT where the format holds but one
 */
export async function renderEnvironments(
  format: string,
  runs: readonly CheckRun[],
  options: RenderOptions,
): Promise<Iterable<string>> {
  const many = together[format];
  if (many) return many(runs, options);
  if (format === 'html' && runs.length > 1)
    throw new UserError({
      code: 'ONE_ENVIRONMENT',
      what: 'A page holds one environment, and here are several',
      why: runs.map(({ source }) => source.context).join(', '),
      fix: 'Name the folder of one: msvc check deploy/overlays/production -o html=report.html',
    });
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
  github,
  sarif: (run) => [sarif([run])],
  junit: (run, { failOn, failOnNew }) => [junit([run], failOn, failOnNew)],
  openmetrics: (run) => [openmetrics([run])],
  // Its layout of the graph is more code than all the others: loaded where it is asked for.
  html: async (run) => (await import('./html/html.ts')).renderHtml(run),
};
