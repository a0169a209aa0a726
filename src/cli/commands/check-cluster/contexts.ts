import { type CheckInputs, checkCluster } from '../../../check/check-cluster.ts';
import type { CheckRun, NotReported } from '../../../check/contract.ts';
import type { FailOn } from '../../../check/fail-on.ts';
import { exitCode } from '../../../check/findings/exit-code.ts';
import { mustKnowContexts } from '../../../check/sources/cluster/kubeconfig.ts';
import { type ExitCode, UserError } from '../../../errors.ts';
import { harmlessLine } from '../../../harmless.ts';
import type { Ports } from '../../../ports.ts';
import type { CommandResult } from '../../command.ts';
import { errorText } from '../../command-line/report-error.ts';
import { type BaselineFlags, refuseWithoutBaseline, withBaseline } from './baselines.ts';
import { type CheckOutput, refuseSeveral, writeOutputs } from './outputs.ts';
import { printRights } from './rights.ts';
import { toldOf } from './told.ts';

interface SeveralContexts {
  contexts: readonly string[];
  flags: BaselineFlags & { failOn?: FailOn; canI?: boolean; dryRun?: boolean };
  inputs: CheckInputs;
  outputs: readonly CheckOutput[];
  minCoverage: number;
}

/** Of several the worst: what is proven to be wrong weighs more than what could not be seen. */
const worst = (codes: readonly ExitCode[]): ExitCode =>
  ([1, 2, 4, 3] as const).find((code) => codes.includes(code)) ?? 0;

/**
 * Judges clusters one after another: what is held in memory is what one of them takes. One that cannot be reached leaves
 * the others their reports.
 *
 * @throws UserError of a context that there is not, before any is read; the first, where none could be read
 */
export async function judgeContexts(
  { contexts, flags, inputs, outputs, minCoverage }: SeveralContexts,
  ports: Ports,
): Promise<CommandResult> {
  refuseWithoutBaseline(flags);
  if (inputs.record !== undefined) throw oneRecording(contexts);
  refuseSeveral(outputs, contexts, {
    code: 'ONE_CONTEXT',
    what: 'A page holds one cluster, and here are several',
    fix: 'Write a page of each: -o html=report-{name}.html',
  });
  await mustKnowContexts(contexts, inputs.cluster, ports);
  const of = (context: string): CheckInputs => ({ ...inputs, cluster: { ...inputs.cluster, context } });
  if (flags.canI) return ofEach(contexts.map(of), printRights, ports);
  if (flags.dryRun) return ofEach(contexts.map(of), (await import('./dry-run.ts')).printRequests, ports);

  const judged: CheckRun[] = [];
  const failed: { context: string; error: UserError }[] = [];
  for (const context of contexts) {
    try {
      judged.push(await checkCluster(of(context), ports));
    } catch (error) {
      if (!(error instanceof UserError) || ports.signal.aborted) throw error;
      failed.push({ context, error });
    }
  }
  ports.progress.done();
  const [first] = failed;
  if (first && judged.length === 0) throw first.error;

  const runs = withBaseline(judged, flags, ports, true);
  const { failOn = 'fail', failOnNew } = flags;
  const codes = runs.map((run) => exitCode(run, failOn, minCoverage, failOnNew));
  const counted = { failOn, failOnNew, notReported: failed.map(notReported) };
  const output = await writeOutputs(outputs, runs, counted, ports);
  for (const { context, error } of failed) ports.stderr.write(`${harmlessLine(context)}: ${errorText(error)}`);
  for (const [index, run] of runs.entries())
    for (const line of toldOf(run, { outputs, failOn, failOnNew, minCoverage, code: codes[index] ?? 0 }))
      ports.stderr.write(`${harmlessLine(run.source.context)}: ${line}\n`);
  return { output, exitCode: worst([...codes, ...failed.map(({ error }) => error.exitCode)]) };
}

const notReported = ({ context, error }: { context: string; error: UserError }): NotReported => ({
  name: context,
  outcome: 'failed',
  code: error.code,
  message: `${error.message}: ${error.why}`,
});

/** Of each cluster what is asked about it instead of judging it. */
async function ofEach(
  all: readonly CheckInputs[],
  print: (inputs: CheckInputs, ports: Ports) => Promise<CommandResult>,
  ports: Ports,
): Promise<CommandResult> {
  const texts: string[] = [];
  for (const inputs of all) texts.push(String((await print(inputs, ports)).output));
  return { output: texts.join('\n'), exitCode: 0 };
}

const oneRecording = (contexts: readonly string[]): UserError =>
  new UserError({
    code: 'ONE_CONTEXT',
    what: 'A recording is of one cluster, and here are several',
    why: contexts.join(', '),
    fix: `One at a time: msvc check-cluster --context ${contexts[0]} --record ./${contexts[0]?.replace(/[^\w.-]+/g, '-')}`,
  });
