import type { CheckRun } from '../../../src/check/contract.ts';

/** An engineer's verdicts on a real system, cell by cell. */
export interface Truth {
  system: string;
  services: Record<string, Record<string, string>>;
  accept?: Record<string, Record<string, string | string[]>>;
  why?: Record<string, Record<string, string>>;
  not_services?: Record<string, string>;
}

/** The items as truths name them. */
const items: Readonly<Record<string, string>> = {
  boundaries: 'service-boundaries',
  communication: 'communication-patterns',
  discovery: 'service-discovery',
  breakers: 'circuit-breakers',
  health: 'health-checks',
  tracing: 'distributed-tracing',
  logging: 'centralized-logging',
  gateway: 'api-gateway',
  automation: 'deployment-automation',
};

export interface Cell {
  service: string;
  item: string;
  want: string[];
  got: string | undefined;
  reason: string;
  message: string;
  why: string;
}

export interface Score {
  system: string;
  cells: Cell[];
  exact: number;
  accepted: number;
  unknown: number;
  wrong: Cell[];
  falsePasses: Cell[];
  /** Judged although the truth says that it is no service. */
  strangers: string[];
}

/** Compares a run with a truth: the verdict itself is exact, one that can be defended is accepted, all else wrong. */
export function score(truth: Truth, run: Pick<CheckRun, 'results'>): Score {
  const said = new Map(
    run.results
      .filter(({ subject }) => subject.kind !== 'Cluster')
      .map((result) => [`${result.subject.name} ${result.check}`, result]),
  );
  const cells = Object.entries(truth.services).flatMap(([service, wanted]) =>
    Object.entries(wanted).map(([item, want]): Cell => {
      const result = said.get(`${service} ${items[item]}`);
      return {
        service,
        item,
        want: [want, ...[truth.accept?.[service]?.[item] ?? []].flat()],
        got: result?.status.replace('n-a', 'na'),
        reason: result?.reason ?? '',
        message: result?.message ?? '',
        why: truth.why?.[service]?.[item] ?? '',
      };
    }),
  );
  const wrong = cells.filter(({ got, want }) => got === undefined || !want.includes(got));
  const exact = cells.filter(({ got, want }) => got === want[0]).length;
  return {
    system: truth.system,
    cells,
    exact,
    accepted: cells.length - exact - wrong.length,
    unknown: cells.filter(({ got }) => got === 'unknown').length,
    wrong,
    falsePasses: wrong.filter(({ got }) => got === 'pass'),
    strangers: Object.keys(truth.not_services ?? {}).filter((name) =>
      run.results.some(({ subject }) => subject.kind !== 'Cluster' && subject.name === name),
    ),
  };
}
