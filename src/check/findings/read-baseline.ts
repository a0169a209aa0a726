import { UserError } from '../../errors.ts';
import type { CheckRun } from '../contract.ts';
import { type Baseline, baselineOf } from './baseline.ts';

const schema = 'msvc.baseline/1';

/** The file that `--write-baseline` makes: lines, so that a change of it can be read. */
export const writeBaselines = (baselines: readonly Baseline[]): string =>
  `${JSON.stringify({ schema, runs: baselines }, null, 1)}\n`;

interface Document {
  schema?: unknown;
  runs?: unknown;
  environments?: unknown;
}

/**
 * Of a baseline or of a report that `-o json` wrote, one a run.
 *
 * @throws UserError BASELINE
 */
export function readBaselines(text: string, file: string, withMessages = false): Baseline[] {
  const document = parsed(text, file);
  try {
    if (document.schema === schema) return checked(document.runs);
    if (document.schema === 'msvc.check/1') return [baselineOf(document as CheckRun, withMessages)];
    if (document.schema === 'msvc.repository/1')
      return (document.environments as CheckRun[]).map((run) => baselineOf(run, withMessages));
  } catch (error) {
    throw wrong(file, `It is cut off, or somebody changed it: ${error instanceof Error ? error.message : error}.`);
  }
  throw wrong(file, `Its schema is ${JSON.stringify(document.schema) ?? 'missing'}.`);
}

function parsed(text: string, file: string): Document {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    throw wrong(file, 'It is no whole JSON document.');
  }
}

function checked(runs: unknown): Baseline[] {
  for (const { checks, cells, unread } of runs as Baseline[])
    if (![checks, cells, unread].every(Array.isArray) || cells.some(({ faults }) => !Array.isArray(faults)))
      throw new Error('a run lacks its cells');
  return runs as Baseline[];
}

const wrong = (file: string, why: string) =>
  new UserError({
    code: 'BASELINE',
    what: `${file} is nothing to compare with`,
    why,
    fix: 'Name what --write-baseline FILE or -o json=FILE wrote.',
  });
