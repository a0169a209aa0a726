import type { CheckRun } from '../contract.ts';
import { renderJson } from './json.ts';
import { renderMarkdown } from './markdown.ts';
import { renderTerminal, type TerminalOptions } from './terminal.ts';

export type Render = (run: CheckRun, options: TerminalOptions) => string;

/** Every way to write a run down, by the name that `-o` knows. */
export const formats: Readonly<Record<string, Render>> = {
  terminal: renderTerminal,
  json: renderJson,
  markdown: renderMarkdown,
};
