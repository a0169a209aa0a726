import { width } from '../../wrap.ts';
import type { CheckRun, Status } from '../contract.ts';
import { oneLine } from './one-line.ts';
import { services } from './sum.ts';

/** One word an item: where the terminal is wide, and where it is not. */
const heads: Readonly<Record<string, readonly [wide: string, narrow: string]>> = {
  'service-boundaries': ['boundaries', 'bounds'],
  'communication-patterns': ['comms', 'comms'],
  'service-discovery': ['discovery', 'discov'],
  'circuit-breakers': ['breakers', 'breaks'],
  'health-checks': ['health', 'health'],
  'distributed-tracing': ['tracing', 'traces'],
  'centralized-logging': ['logging', 'logs'],
  'api-gateway': ['gateway', 'gate'],
  'deployment-automation': ['automation', 'deploy'],
};

export interface Matrix {
  heads: string[];
  rows: { namespace: string; name: string; cells: (Status | undefined)[] }[];
  /** Set where there are several: rows of one namespace stand together. */
  namespaces: boolean;
  nameWidth: number;
  /** Between two columns. */
  gap: string;
}

/** Services × items, fitted to a width; names are cut in the middle, where they differ least. */
export function matrixOf(run: CheckRun, columns: number): Matrix {
  const checks = run.summary.items.map(({ check }) => check);
  const judged = services(run);
  const namespaces = new Set(judged.map(({ subject }) => subject.namespace));
  const names = new Map<string, { namespace: string; name: string; cells: Map<string, Status> }>();
  for (const { subject, check, status } of judged) {
    const key = `${subject.kind} ${subject.namespace}/${subject.name}`;
    const indent = namespaces.size > 1 ? '  ' : '';
    const name = indent + oneLine(subject.name);
    const row = names.get(key) ?? { namespace: oneLine(subject.namespace ?? ''), name, cells: new Map() };
    row.cells.set(check, status);
    names.set(key, row);
  }
  const longest = Math.max(7, ...[...names.values()].map(({ name }) => width(name)));
  const labels = (position: 0 | 1): string[] => checks.map((check) => heads[check]?.[position] ?? check);
  const taken = (own: readonly string[], gap: number): number => own.reduce((sum, head) => sum + head.length + gap, 1);
  const wide = longest + taken(labels(0), 2) <= columns;
  const own = labels(wide ? 0 : 1);
  const nameWidth = Math.min(longest, Math.max(12, columns - taken(own, wide ? 2 : 1)));
  return {
    heads: own,
    nameWidth,
    gap: wide ? '  ' : ' ',
    namespaces: namespaces.size > 1,
    rows: [...names.values()].map(({ namespace, name, cells }) => ({
      namespace,
      name: cut(name, nameWidth),
      cells: checks.map((check) => cells.get(check)),
    })),
  };
}

function cut(name: string, limit: number): string {
  const letters = [...name];
  if (letters.length <= limit) return name;
  const left = Math.ceil((limit - 1) / 2);
  return `${letters.slice(0, left).join('')}…${letters.slice(letters.length - (limit - 1 - left)).join('')}`;
}
