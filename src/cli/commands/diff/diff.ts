import type { Changes } from '../../../check/contract.ts';
import { blockingStatuses, type FailOn, isNew } from '../../../check/fail-on.ts';
import { type Baseline, compareBaselines } from '../../../check/findings/baseline.ts';
import { readBaselines } from '../../../check/findings/read-baseline.ts';
import { changesOf } from '../../../check/report/changes.ts';
import { safeJson } from '../../../check/report/json.ts';
import { plain } from '../../../check/report/markdown.ts';
import { oneLine } from '../../../check/report/one-line.ts';
import { UserError } from '../../../errors.ts';
import type { Ports } from '../../../ports.ts';
import type { CommandResult } from '../../command.ts';
import { textOf } from '../check-cluster/baselines.ts';

interface DiffInputs {
  before: string;
  after: string;
  failOn: FailOn;
  output: 'terminal' | 'json' | 'markdown';
}

/** What changed in one environment, or in the cluster. */
interface Compared {
  environment?: string;
  changes: Changes;
}

/** @throws UserError BASELINE where one of them is no report, or they are of different things */
export function diffReports({ before, after, failOn, output }: DiffInputs, ports: Ports): CommandResult {
  const [old, now] = [before, after].map((file) => readBaselines(textOf(file, ports), file, true)) as [
    Baseline[],
    Baseline[],
  ];
  const compared = now.flatMap((run): Compared[] => {
    const then = old.find(({ environment }) => environment === run.environment);
    const { environment } = run;
    return then ? [{ ...(environment ? { environment } : {}), changes: compareBaselines(then, run) }] : [];
  });
  if (compared.length === 0)
    throw new UserError({
      code: 'BASELINE',
      what: `${before} and ${after} have nothing in common`,
      why: 'One is of a cluster and the other of a repository, or of other parts of one.',
      fix: 'Compare two reports of the same command.',
    });
  const isWorse = compared.some(({ changes }) =>
    changes.list.some((change) => isNew(change) && change.now && blockingStatuses(failOn).includes(change.now)),
  );
  const isLess = compared.some(({ changes }) => changes.lost.length > 0);
  return { output: render[output](compared), exitCode: isWorse ? 1 : isLess ? 3 : 0 };
}

const render: Readonly<Record<DiffInputs['output'], (compared: readonly Compared[]) => string>> = {
  terminal: (compared) =>
    blocksOf(compared, ({ title, lines }) => [oneLine(title), ...lines.map((line) => `  ${oneLine(line)}`)]),
  markdown: (compared) =>
    blocksOf(compared, ({ title, lines }) => [`- ${plain(title)}`, ...lines.map((line) => `  - ${plain(line)}`)]),
  json: (compared) => `${safeJson({ schema: 'msvc.diff/1', compared }, 2)}\n`,
};

function blocksOf(
  compared: readonly Compared[],
  shown: (block: { title: string; lines: string[] }) => string[],
): string {
  const parts = compared.map(({ environment, changes }) => {
    const blocks = changesOf(changes).flatMap(shown);
    return [
      ...(environment === undefined ? [] : [`${oneLine(environment)}:`, '']),
      ...(blocks.length > 0 ? blocks : ['Nothing changed.']),
    ].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}
