import { harmless } from '../../harmless.ts';
import type { CheckRun, Status } from '../contract.ts';
import { failedReads, services } from './sum.ts';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  labels: Labels;
  value: number;
}

interface Family {
  name: string;
  help: string;
  of(run: CheckRun): Sample[];
}

const statuses: readonly Status[] = ['pass', 'warn', 'fail', 'unknown', 'n-a'];

const one = (value: number | null): Sample[] => (value === null ? [] : [{ labels: {}, value: value / 100 }]);

/** What has no value (a score of manifests, say) has no sample: 0 would be one. */
const families: readonly Family[] = [
  {
    name: 'msvc_check_cells',
    help: 'Services of a namespace by check and verdict.',
    of: cellsOf,
  },
  { name: 'msvc_check_waived_findings', help: 'Findings that somebody accepted.', of: waivedOf },
  { name: 'msvc_check_score_ratio', help: 'Share of passes.', of: ({ summary }) => one(summary.score) },
  {
    name: 'msvc_check_coverage_ratio',
    help: 'Share of cells that were decided.',
    of: ({ summary }) => one(summary.coverage),
  },
  {
    name: 'msvc_check_connections',
    help: 'Pairs of a service and whom it waits for (sync), or a broker (async), as far as they are seen.',
    of: ({ graph: { communication } }) =>
      (['sync', 'async'] as const).map((style) => ({ labels: { style }, value: communication[style] })),
  },
  {
    name: 'msvc_check_longest_chain',
    help: 'Calls that wait for one another, one behind the other.',
    of: ({ graph }) => [{ labels: {}, value: Math.max(0, graph.communication.longestChain.length - 1) }],
  },
  {
    name: 'msvc_check_not_shown',
    help: 'Services of which nothing shows what a check is about; they are in no other count of it.',
    of: ({ notShown = [] }) => notShown.map(({ check, services: value }) => ({ labels: { check }, value })),
  },
  { name: 'msvc_check_unread_lists', help: 'Lists that could not be read, or not whole.', of: unreadOf },
  {
    name: 'msvc_check_run_timestamp_seconds',
    help: 'When it was judged.',
    of: ({ startedAt }) => {
      const at = Date.parse(startedAt);
      return Number.isNaN(at) ? [] : [{ labels: {}, value: at / 1000 }];
    },
  },
];

/** Text exposition of OpenMetrics, for a file that an exporter reads or a gateway that takes it. */
export function openmetrics(runs: readonly CheckRun[]): string {
  const lines = families.flatMap(({ name, help, of }) => [
    `# TYPE ${name} gauge`,
    `# HELP ${name} ${help}`,
    ...runs.flatMap((run) =>
      of(run).map(({ labels, value }) => `${name}${labelled({ ...placeOf(run), ...labels })} ${value}`),
    ),
  ]);
  return `${[...lines, '# EOF'].join('\n')}\n`;
}

const placeOf = ({ environment, source }: CheckRun): Labels =>
  environment ? { environment: environment.name } : { context: source.context };

const labelled = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${harmless(value).replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`)
    .join(',')}}`;

function cellsOf(run: CheckRun): Sample[] {
  const counts = new Map<string, number>();
  for (const { check, status, subject } of services(run)) {
    const key = JSON.stringify([subject.namespace ?? '', check, status]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const namespaces = [...new Set(services(run).map(({ subject }) => subject.namespace ?? ''))].sort();
  // Nothing is a number too: a series that ends is no series that falls.
  return namespaces.flatMap((namespace) =>
    run.summary.items.flatMap(({ check }) =>
      statuses.map((status) => ({
        labels: { namespace, check, status },
        value: counts.get(JSON.stringify([namespace, check, status])) ?? 0,
      })),
    ),
  );
}

function waivedOf({ summary }: CheckRun): Sample[] {
  return summary.items.map(({ check, waived }) => ({ labels: { check }, value: waived }));
}

function unreadOf(run: CheckRun): Sample[] {
  return [{ labels: {}, value: failedReads(run).length }];
}
