import { resolve } from 'node:path';
import { checkRepository, type RepositoryRun } from '../../../check/check-repository.ts';
import type { NotReported } from '../../../check/contract.ts';
import type { FailOn } from '../../../check/fail-on.ts';
import { exitCode } from '../../../check/findings/exit-code.ts';
import { UserError } from '../../../errors.ts';
import { harmlessLine } from '../../../harmless.ts';
import type { Ports } from '../../../ports.ts';
import type { CommandResult } from '../../command.ts';
import { errorText } from '../../command-line/report-error.ts';
import { type BaselineFlags, refuseWithoutBaseline, withBaseline } from '../check-cluster/baselines.ts';
import { checkInputs } from '../check-cluster/inputs.ts';
import { parseOutputs, writeOutputs } from '../check-cluster/outputs.ts';
import { shareOf } from '../check-cluster/share.ts';
import { toldOf } from '../check-cluster/told.ts';

/** What was given on the command line. */
export interface RepositoryFlags extends BaselineFlags {
  path?: string;
  selector?: string;
  only?: readonly string[];
  skip?: readonly string[];
  waivers?: string;
  failOn?: FailOn;
  minCoverage?: string;
  with?: string;
  namespace?: string;
  values?: readonly string[];
  render?: boolean;
  renderTimeout?: string;
  output?: readonly string[];
}

/** @throws UserError where nothing could be judged */
export async function judgeRepository(flags: RepositoryFlags, ports: Ports): Promise<CommandResult> {
  const outputs = parseOutputs(flags.output);
  const minCoverage = shareOf(flags.minCoverage);
  refuseWithoutBaseline(flags);
  const failOn = flags.failOn ?? 'fail';
  const { selector, only, skip, waivers, failOnNew } = flags;
  const {
    checks,
    waivers: rules,
    selector: chosen,
    version,
  } = checkInputs(
    { selector, only, skip, waivers, ...(flags.namespace === undefined ? {} : { namespace: [flags.namespace] }) },
    ports,
  );
  const result = await checkRepository(
    {
      path: resolve(ports.cwd, flags.path ?? '.'),
      checks,
      waivers: rules,
      ...(chosen ? { selector: chosen } : {}),
      ...(version ? { version } : {}),
      ...(flags.with === undefined ? {} : { around: resolve(ports.cwd, flags.with) }),
      read: {
        render: flags.render !== false,
        values: (flags.values ?? []).map((file) => resolve(ports.cwd, file)),
        seconds: secondsOf(flags.renderTimeout),
        ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
      },
    },
    ports,
  );
  const runs = withBaseline(result.runs, flags, ports);
  const codes = runs.map((run) => exitCode(run, failOn, minCoverage, failOnNew));
  const code = codes.includes(1) ? 1 : codes.includes(3) || result.failed.length > 0 ? 3 : 0;
  const counted = { failOn, failOnNew, notReported: notReported(result) };
  const output = await writeOutputs(outputs, runs, counted, ports);
  for (const line of told(result)) ports.stderr.write(`${line}\n`);
  for (const [index, run] of runs.entries())
    for (const line of toldOf(run, { outputs, failOn, failOnNew, minCoverage, code: codes[index] ?? 0 }))
      ports.stderr.write(`${harmlessLine(run.environment?.name ?? '')}: ${line}\n`);
  return { output, exitCode: code };
}

const notReported = ({ failed, leftOut }: RepositoryRun): NotReported[] => [
  ...failed.map(({ name, error: { code, message, why } }): NotReported => {
    return { name, outcome: 'failed', code, message: `${message}: ${why}` };
  }),
  ...leftOut,
];

/** Parts of the repository that no report is about. */
const told = ({ failed, leftOut }: RepositoryRun): string[] => [
  ...failed.map(({ error }) => errorText(error).trimEnd()),
  ...leftOut.map(({ name, outcome }) =>
    harmlessLine(`${name} ${outcome === 'no-service' ? 'holds no service' : 'is not rendered'}: not judged.`),
  ),
];

function secondsOf(given: string | undefined): number {
  const seconds = given === undefined ? 60 : Number(given);
  if (Number.isInteger(seconds) && seconds > 0 && seconds <= 3600) return seconds;
  throw new UserError({
    code: 'RENDER_TIMEOUT',
    what: `"${given}" is no number of seconds`,
    why: '--render-timeout is how long one rendering may take, from 1 to 3600.',
    fix: 'For example: --render-timeout 120',
  });
}
