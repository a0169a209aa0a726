import type { CheckRun } from '../contract.ts';
import { renderJson } from './json.ts';
import { renderMarkdown } from './markdown.ts';
import { renderTerminal, type TerminalOptions } from './terminal.ts';

/** In pieces, because a report of a large cluster need not be in memory as a whole. */
export type Render = (run: CheckRun, options: TerminalOptions) => Iterable<string> | Promise<Iterable<string>>;

/** Every way to write a run down, by the name that `-o` knows. */
export const formats: Readonly<Record<string, Render>> = {
  terminal: (run, options) => [renderTerminal(run, options)],
  json: renderJson,
  markdown: (run) => [renderMarkdown(run)],
  // Its layout of the graph is more code than all the others: loaded where it is asked for.
  html: async (run) => (await import('./html/html.ts')).renderHtml(run),
};
