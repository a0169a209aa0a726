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
  contexts?: unknown;
}

/**
 * Of a baseline or of a report that `-o json` wrote, one a run.
 *
 * @throws UserError BASELINE
 */
export function readBaselines(text: string, file: string, withMessages = false): Baseline[] {
  const document = parsed(text, file);
  const runs = runsIn(document, withMessages);
  if (!runs) throw wrong(file, `Its schema is ${JSON.stringify(document.schema) ?? 'missing'}.`);
  try {
    const known = runs();
    if (known.every(isWhole)) return known;
  } catch {
    // Something on the way to a field is missing.
  }
  throw wrong(file, 'It is cut off, or somebody changed it.');
}

function runsIn(document: Document, withMessages: boolean): (() => Baseline[]) | undefined {
  const of = (run: unknown) => baselineOf(run as CheckRun, withMessages);
  if (document.schema === schema) return () => document.runs as Baseline[];
  if (document.schema === 'msvc.check/1') return () => [of(document)];
  if (document.schema === 'msvc.repository/1') return () => (document.environments as unknown[]).map(of);
  if (document.schema === 'msvc.contexts/1')
    return () => (document.contexts as CheckRun[]).map((run) => baselineOf(run, withMessages, run.source.context));
  return undefined;
}

function parsed(text: string, file: string): Document {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    throw wrong(file, 'It is no whole JSON document.');
  }
}

const isText = (value: unknown): boolean => typeof value === 'string';
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

/** Whatever is compared later is what it should be: the file may be anybody's. */
const isWhole = ({ environment = '', checks, cells, unread }: Baseline): boolean =>
  isText(environment) &&
  areTexts(checks) &&
  areTexts(unread) &&
  cells.every(
    ({ check, service, open = [], faults }) =>
      areTexts([check, service]) &&
      areTexts(open) &&
      faults.every(
        ({ id, status, message = '' }) => areTexts([id, message]) && (status === 'warn' || status === 'fail'),
      ),
  );

const wrong = (file: string, why: string) =>
  new UserError({
    code: 'BASELINE',
    what: `${file} is nothing to compare with`,
    why,
    fix: 'Name what --write-baseline FILE or -o json=FILE wrote.',
  });
