import type { CheckRun } from '../../../check/contract.ts';
import type { FailOn } from '../../../check/fail-on.ts';
import { count, serviceNames, whyNoScore } from '../../../check/report/sum.ts';
import { harmlessLine } from '../../../harmless.ts';
import type { CheckOutput } from './outputs.ts';

interface Ending {
  outputs: readonly CheckOutput[];
  failOn: FailOn;
  failOnNew?: boolean | undefined;
  minCoverage: number;
  code: 0 | 1 | 3;
}

/** Lines for standard error, so that no run ends without a word about how it ended. */
export function toldOf(run: CheckRun, ending: Ending): string[] {
  const { outputs, failOn, failOnNew, code } = ending;
  const files = outputs.flatMap(({ path }) => path ?? []);
  const isSilent = files.length === outputs.length;
  return [
    ...(serviceNames(run).length === 0 ? [nobody(run)] : []),
    ...(isSilent ? [`${sum(run)}: written to ${files.join(', ')}.`] : []),
    ...(isSilent && code === 1
      ? [`Exit 1: there are ${failOnNew ? 'new ' : ''}findings at or above ${failOn} that nobody waived.`]
      : []),
    ...(code === 3 ? [`Exit 3: ${incomplete(run, ending)}.`] : []),
  ].map(harmlessLine);
}

function sum(run: CheckRun): string {
  const number = serviceNames(run).length;
  return `${number} ${number === 1 ? 'service' : 'services'}, ${count(run, 'fail')} fail, ${count(run, 'warn')} warn, ${count(run, 'unknown')} unknown`;
}

function nobody({ elsewhere = [], source }: CheckRun): string {
  const [first] = elsewhere;
  const found = `No service was judged in ${source.context}`;
  if (first === undefined) return `${found}, and no Service of an application was seen anywhere that could be read.`;
  const more = elsewhere.length > 8 ? ` and ${elsewhere.length - 8} more` : '';
  return `${found}. Services are in ${elsewhere.slice(0, 8).join(', ')}${more}: msvc check-cluster -n ${first}, or -A for all.`;
}

function incomplete(run: CheckRun, { failOnNew, minCoverage }: Ending): string {
  const { coverage } = run.summary;
  const lost = run.changes?.lost ?? [];
  if (failOnNew && lost.length > 0) {
    const more = lost.length > 3 ? ` and ${lost.length - 3} more` : '';
    return `what the baseline rests on could not be read this time: ${lost.slice(0, 3).join(', ')}${more}`;
  }
  if (coverage !== null) return `coverage is ${coverage} %, and --min-coverage asks for ${minCoverage} %`;
  return `${whyNoScore(run) ?? 'nothing was judged'}`;
}
