import { closeSync, openSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CheckRun } from '../../../check/contract.ts';
import { labelOf } from '../../../check/report/environment.ts';
import { formats, type RenderOptions, renderEnvironments, single } from '../../../check/report/formats.ts';
import type { TerminalOptions } from '../../../check/report/terminal.ts';
import { UserError } from '../../../errors.ts';
import type { Ports } from '../../../ports.ts';
import { inChunks } from '../../ports/in-chunks.ts';

/** One `-o`: a format, and a file where it does not go to stdout. */
export interface CheckOutput {
  format: string;
  path?: string;
}

/** `terminal`, `json`, `markdown=report.md`. @throws UserError (exit 2) where two would share stdout */
export function parseOutputs(values: readonly string[] | undefined): CheckOutput[] {
  const outputs = (values ?? ['terminal']).map((value): CheckOutput => {
    const equals = value.indexOf('=');
    const format = equals < 0 ? value : value.slice(0, equals);
    if (!Object.hasOwn(formats, format) || value.endsWith('='))
      throw new UserError({
        code: 'OUTPUT',
        what: `"${value}" is no output`,
        why: `The formats are ${Object.keys(formats).join(', ')}, each alone or with =path.`,
        fix: 'For example: -o terminal -o json=report.json',
      });
    return equals < 0 ? { format } : { format, path: value.slice(equals + 1) };
  });
  if (outputs.filter(({ path }) => path === undefined).length > 1)
    throw new UserError({
      code: 'OUTPUT',
      what: 'Two outputs would share stdout',
      why: 'Neither document would be valid then.',
      fix: 'Give all but one a file: -o terminal -o json=report.json',
    });
  return outputs;
}

/**
 * Writes the files; returns what goes to stdout.
 *
 * @param runs one, or those of the environments of a repository, or of several clusters
 * @throws UserError ONE_ENVIRONMENT, OUTPUT
 */
export async function writeOutputs(
  outputs: readonly CheckOutput[],
  runs: CheckRun | readonly CheckRun[],
  counted: Pick<RenderOptions, 'failOn' | 'failOnNew' | 'notReported'>,
  ports: Ports,
): Promise<Iterable<string>> {
  const { columns, color } = ports.stdout;
  const several = 'schema' in runs ? undefined : runs;
  const rendered = async (format: string, options: TerminalOptions): Promise<Iterable<string>> =>
    'schema' in runs
      ? ((await formats[format]?.(runs, { ...options, ...counted })) ?? [])
      : renderEnvironments(format, runs, { ...options, ...counted });
  if (several && several.length > 1) refuseSeveral(outputs, namesOf(several), oneEnvironment);
  const file = { columns: 120, color: false };
  let printed: Iterable<string> = [];
  for (const { format, path } of outputs) {
    if (path === undefined) printed = await rendered(format, { columns, color });
    else if (!path.includes(placeholder)) writePieces(resolve(ports.cwd, path), await rendered(format, file));
    else
      for (const [run, to] of eachIn(path, 'schema' in runs ? [runs] : runs))
        writePieces(resolve(ports.cwd, to), (await formats[format]?.(run, { ...file, ...counted })) ?? []);
  }
  return printed;
}

/** In a path: a file for each report. */
const placeholder = '{name}';

/** Each run with its own file: what stands in a name and not in a file's becomes a hyphen. */
function eachIn(path: string, runs: readonly CheckRun[]): [CheckRun, string][] {
  const taken = new Set<string>();
  return runs.map((run) => {
    const name = (labelOf(run, true) ?? '').replace(/[^\w.-]+/g, '-').replace(/^[.-]+|-+$/g, '') || 'report';
    let free = name;
    for (let number = 2; taken.has(free); number += 1) free = `${name}-${number}`;
    taken.add(free);
    return [run, path.replaceAll(placeholder, free)];
  });
}

/** @throws UserError OUTPUT */
export function writePieces(file: string, pieces: Iterable<string>): void {
  try {
    const to = openSync(file, 'w');
    try {
      for (const text of inChunks(pieces)) writeFileSync(to, text);
    } finally {
      closeSync(to);
    }
  } catch (error) {
    throw new UserError({
      code: 'OUTPUT',
      what: `${file} could not be written`,
      why: error instanceof Error ? error.message : String(error),
      fix: 'Choose a path in a folder that exists and that you may write to.',
      cause: error,
    });
  }
}

const oneEnvironment = {
  code: 'ONE_ENVIRONMENT',
  what: 'A page holds one environment, and here are several',
  fix: 'Write a page of each: -o html=report-{name}.html',
};

const namesOf = (runs: readonly CheckRun[]): string[] => runs.map(({ source }) => source.context);

/** Before any of them is written. @throws UserError of that code, where a format holds one report and there are several */
export function refuseSeveral(
  outputs: readonly CheckOutput[],
  names: readonly string[],
  told: { code: string; what: string; fix: string },
): void {
  if (outputs.some(({ format, path }) => single.has(format) && !path?.includes(placeholder)))
    throw new UserError({ ...told, why: names.join(', ') });
}
