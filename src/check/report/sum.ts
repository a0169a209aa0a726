import type { CheckRun, Status } from '../contract.ts';

export const services = (run: CheckRun) => run.results.filter(({ subject }) => subject.kind !== 'Cluster');

/** Names of the judged services, in the order of the run. */
export const serviceNames = (run: CheckRun): string[] => [
  ...new Set(services(run).map(({ subject }) => `${subject.namespace ?? ''}/${subject.name}`)),
];

export const count = (run: CheckRun, status: Status): number =>
  services(run).filter((result) => result.status === status).length;

/** Failed reads, which explain every `unknown` that they caused. */
export const failedReads = (run: CheckRun) =>
  run.reads.filter(({ outcome }) => ['forbidden', 'error', 'partial'].includes(outcome));

const percent = (value: number | null): string => (value === null ? 'none' : `${value} %`);

/** The lines that people paste into chats. */
export function shortSummary(run: CheckRun): string[] {
  const { score, coverage, items } = run.summary;
  const per = (status: 'fail' | 'warn'): string =>
    items
      .filter((item) => item[status] > 0)
      .sort((a, b) => b[status] - a[status])
      .map((item) => `${item.check} ${item[status]}`)
      .join(', ');
  const number = serviceNames(run).length;
  const lines = [
    `${run.source.context}: ${number} ${number === 1 ? 'service' : 'services'}, score ${percent(score)}, coverage ${percent(coverage)}`,
    `${count(run, 'pass')} pass · ${count(run, 'warn')} warn · ${count(run, 'fail')} fail · ${count(run, 'unknown')} unknown · ${count(run, 'n-a')} do not apply`,
  ];
  if (per('fail')) lines.push(`fail: ${per('fail')}`);
  if (per('warn')) lines.push(`warn: ${per('warn')}`);
  return lines;
}

/** Why there is no score, or undefined. */
export function whyNoScore(run: CheckRun): string | undefined {
  if (run.summary.score !== null) return undefined;
  if (services(run).length === 0) return 'no service was judged';
  return 'lists that name services could not be read, so some may be missing';
}
