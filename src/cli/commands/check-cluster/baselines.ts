import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CheckRun } from '../../../check/contract.ts';
import { type Baseline, baselineOf, compareBaselines } from '../../../check/findings/baseline.ts';
import { readBaselines, writeBaselines } from '../../../check/findings/read-baseline.ts';
import { labelOf } from '../../../check/report/environment.ts';
import { UserError } from '../../../errors.ts';
import type { Ports } from '../../../ports.ts';
import { writePieces } from './outputs.ts';

/** Options about what was there before. */
export interface BaselineFlags {
  baseline?: string | undefined;
  failOnNew?: boolean | undefined;
  writeBaseline?: string | undefined;
}

/** @throws UserError FAIL_ON_NEW where there is nothing that something could be newer than */
export function refuseWithoutBaseline({ baseline, failOnNew }: BaselineFlags): void {
  if (failOnNew && baseline === undefined)
    throw new UserError({
      code: 'FAIL_ON_NEW',
      what: '--fail-on-new needs something to compare with',
      why: 'What is new is what an earlier report does not hold.',
      fix: 'Name it: --baseline FILE. The first is made by --write-baseline FILE.',
    });
}

/**
 * The same runs, each with what changed since the baseline of its name; then the new baseline is written where asked for.
 *
 * @throws UserError BASELINE, OUTPUT
 */
export function withBaseline<T extends CheckRun>(
  runs: readonly T[],
  flags: BaselineFlags,
  ports: Ports,
  areClusters = false,
): T[] {
  const { baseline, writeBaseline } = flags;
  const nameOf = (run: CheckRun): string | undefined => labelOf(run, areClusters);
  const before = baseline === undefined ? undefined : readBaselines(textOf(baseline, ports), baseline);
  if (before && areClusters && before.every(({ environment }) => environment === undefined))
    throw ofOneCluster(baseline ?? '');
  const compared = runs.map((run) => {
    if (!before) return run;
    const name = nameOf(run);
    const then = before.find(({ environment }) => environment === name) ?? ofSeveral(before, run);
    // An environment that was not there: all of it is new.
    const known = then ?? { checks: run.summary.items.map(({ check }) => check), cells: [], unread: [] };
    return { ...run, changes: compareBaselines(known, baselineOf(run, true)) };
  });
  if (writeBaseline !== undefined)
    writePieces(resolve(ports.cwd, writeBaseline), [
      writeBaselines(runs.map((run) => baselineOf(run, false, nameOf(run)))),
    ]);
  return compared;
}

/** One cluster alone, against what was kept of several: its own part. */
const ofSeveral = (before: readonly Baseline[], { environment, source }: CheckRun): Baseline | undefined =>
  environment ? undefined : before.find((one) => one.environment === source.context);

const ofOneCluster = (file: string): UserError =>
  new UserError({
    code: 'BASELINE',
    what: `${file} is of one cluster, and here are several`,
    why: 'It does not say which of them it was, so nothing can be compared.',
    fix: 'Make one of all of them: the same --context a,b with --write-baseline FILE.',
  });

/** @throws UserError BASELINE */
export function textOf(file: string, { cwd }: Ports): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8');
  } catch (error) {
    throw new UserError({
      code: 'BASELINE',
      what: `${file} cannot be read`,
      why: error instanceof Error ? error.message : String(error),
      fix: 'Name what --write-baseline FILE or -o json=FILE wrote.',
      cause: error,
    });
  }
}
