import type { CheckRun, Communication, ProbeAnswer, Status } from '../contract.ts';

export const services = (run: CheckRun) => run.results.filter(({ subject }) => subject.kind !== 'Cluster');

/** Names of the judged services, in the order of the run. */
export const serviceNames = (run: CheckRun): string[] => [
  ...new Set(services(run).map(({ subject }) => `${subject.namespace ?? ''}/${subject.name}`)),
];

export const count = (run: CheckRun, status: Status): number =>
  services(run).filter((result) => result.status === status).length;

/** Failed reads, which explain every `unknown` that they caused. */
export const failedReads = (run: CheckRun) =>
  run.reads.filter(({ outcome }) =>
    // Every list of a folder is partial: that is said once, not for each.
    (isUnrendered(run) ? ['error'] : ['forbidden', 'error', 'partial']).includes(outcome),
  );

/** Lists that failed as lines: what was forbidden at one place together, whatever else happened with what was said. */
export function failedLines(run: CheckRun): string[] {
  const forbidden = new Map<string, string[]>();
  const rest: string[] = [];
  for (const { resource, namespace, outcome, detail } of failedReads(run)) {
    const where = namespace ? `in ${namespace}` : 'in the whole cluster';
    if (outcome === 'forbidden') forbidden.set(where, [...(forbidden.get(where) ?? []), resource]);
    else rest.push(`${resource}${namespace ? ` ${where}` : ''}: ${outcome}${detail ? ` (${detail})` : ''}`);
  }
  return [...[...forbidden].map(([where, resources]) => `forbidden ${where}: ${resources.join(', ')}`), ...rest];
}

/** What was judged is files, and not what runs. */
export const isFolder = ({ source }: CheckRun): boolean => source.kind === 'manifests' || source.kind === 'repository';

/** A folder of which every list is partial. */
export const isUnrendered = ({ source }: CheckRun): boolean => source.kind === 'manifests';

/** Items that a folder leaves open, with the number of services. */
export const unknownInFolder = ({ summary }: CheckRun): string =>
  summary.items
    .filter(({ unknown }) => unknown > 0)
    .map(({ check, unknown }) => `${check} (${unknown})`)
    .join(', ');

/** What no folder can tell, as one sentence for all verdicts that miss it. */
export const onlyInACluster =
  'A folder says what is wanted, not what runs: pods and their endpoints, agents on nodes, accepted routes and who delivers are seen in a cluster alone. Where this is deployed, run: msvc check-cluster -n NAMESPACE';

const percent = (value: number | null): string => (value === null ? 'none' : `${value} %`);

/** Cells of a status in which everything of that status was accepted by somebody. */
const waivedCells = (run: CheckRun, status: 'fail' | 'warn', check?: string): number =>
  services(run).filter(
    (result) =>
      result.status === status &&
      (check === undefined || result.check === check) &&
      result.findings.filter((finding) => finding.status === status).every(({ waived }) => waived),
  ).length;

const withWaived = (number: number | string, waived: number): string =>
  `${number}${waived > 0 ? ` (${waived} waived)` : ''}`;

/** Day and minute of a run, or nothing where nobody says when it was. */
export const dateOf = ({ startedAt }: CheckRun): string =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(startedAt) ? `${startedAt.slice(0, 16).replace('T', ' ')} UTC` : '';

/** Where services are, where none was judged. */
export const elsewhereOf = ({ elsewhere = [] }: CheckRun): string | undefined => {
  const more = elsewhere.length > 8 ? ` and ${elsewhere.length - 8} more` : '';
  return elsewhere.length > 0
    ? `Namespaces that have Services: ${elsewhere.slice(0, 8).join(', ')}${more}. Judge one with -n, or all with -A.`
    : undefined;
};

export const howItCounts = 'What score and coverage count: msvc explain score';

/** How services talk, as one sentence; nothing where nobody is seen to talk. */
export function communicationLine({ graph: { communication } }: CheckRun): string | undefined {
  const { sync, async, longestChain } = communication;
  if (sync + async === 0) return undefined;
  const shown = `async-communication: ${asyncShare(communication)} % of ${sync + async} connections go through a broker`;
  if (longestChain.length < 2) return shown;
  const isOne = new Set(longestChain.map((id) => id.split('/')[0])).size === 1;
  const names = longestChain.slice(0, longestShown).map((id) => (isOne ? id.slice(id.indexOf('/') + 1) : id));
  const more = longestChain.length > longestShown ? ' → …' : '';
  return `${shown}; longest chain of waiting calls: ${longestChain.length - 1} (${names.join(' → ')}${more})`;
}

/** How many pods were asked, and what became of the requests; nothing where none was. */
export function askedLine({ observations }: CheckRun): string | undefined {
  if (!observations) return undefined;
  const outcomes = observations.flatMap(({ answers }) => answers.map(({ outcome }) => outcome));
  const number = (outcome: ProbeAnswer['outcome']): number => outcomes.filter((one) => one === outcome).length;
  const others = (['refused', 'unreached', 'not-asked'] as const)
    .filter((outcome) => number(outcome) > 0)
    .map((outcome) => `, ${number(outcome)} ${outcomeWords[outcome]}`);
  return `asked of ${observations.length} ${observations.length === 1 ? 'pod' : 'pods'}: ${number('answered')} of ${outcomes.length} requests answered${others.join('')}`;
}

const outcomeWords = { refused: 'refused', unreached: 'not answered', 'not-asked': 'not sent' } as const;

/** Services of a chain that are named. */
const longestShown = 8;

/** Percent with one decimal. */
export const asyncShare = ({ sync, async }: Communication): number => Math.round((1000 * async) / (sync + async)) / 10;

/** The lines that people paste into chats. */
export function shortSummary(run: CheckRun): string[] {
  const { score, coverage, items } = run.summary;
  const per = (status: 'fail' | 'warn'): string =>
    items
      .filter((item) => item[status] > 0)
      .sort((a, b) => b[status] - a[status])
      .map((item) => `${item.check} ${withWaived(item[status], waivedCells(run, status, item.check))}`)
      .join(', ');
  const cells = (status: 'fail' | 'warn'): string =>
    withWaived(`${count(run, status)} ${status}`, waivedCells(run, status));
  const number = serviceNames(run).length;
  const lines = [
    `${run.source.context}: ${number} ${number === 1 ? 'service' : 'services'}, score ${percent(score)}, coverage ${percent(coverage)}`,
    `${count(run, 'pass')} pass · ${cells('warn')} · ${cells('fail')} · ${count(run, 'unknown')} unknown · ${count(run, 'n-a')} ${count(run, 'n-a') === 1 ? 'does' : 'do'} not apply`,
  ];
  if (per('fail')) lines.push(`fail: ${per('fail')}`);
  if (per('warn')) lines.push(`warn: ${per('warn')}`);
  const talk = communicationLine(run);
  if (talk) lines.push(talk);
  const asked = askedLine(run);
  if (asked) lines.push(asked);
  return lines;
}

/** Why there is no score, or undefined. */
export function whyNoScore(run: CheckRun): string | undefined {
  if (run.summary.score !== null) return undefined;
  if (services(run).length === 0) return 'no service was judged';
  if (services(run).every(({ status }) => status === 'n-a')) return 'none of these items applies to what was judged';
  if (failedReads(run).some(({ outcome }) => outcome === 'error') || !isFolder(run))
    return `${isFolder(run) ? 'files' : 'lists that name services'} could not be read, so some may be missing`;
  return 'it is about what runs, and this is a folder';
}
