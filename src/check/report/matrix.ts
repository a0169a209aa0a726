import { width } from '../../wrap.ts';
import type { Check } from '../checks/define/check.ts';
import { checks } from '../checks/index.ts';
import type { CheckRun, Status } from '../contract.ts';
import { oneLine } from './one-line.ts';
import { services } from './sum.ts';

/** What the matrix must know of a check. */
export type Column = Pick<Check, 'id' | 'heading' | 'kind'>;

/** Columns that stand beside one another; `cells` of every row are in their order. */
export interface Block {
  heads: string[];
  rows: { namespace: string; name: string; cells: (Status | undefined)[] }[];
  /** Between two columns. */
  gap: string;
}

/** Services × checks, fitted to a width. */
export interface Matrix {
  /** The items first, then the practices; of each as many as fit beside one another. */
  blocks: Block[];
  /** Set where there are several: rows of one namespace stand together. */
  namespaces: boolean;
  nameWidth: number;
}

/** Below this, names cannot be told apart. */
const narrowestName = 12;

/**
 * Services × checks, fitted to a width: words as headings where they fit, else short ones, else more blocks than one.
 * Names are cut in the middle, where they differ least.
 */
export function matrixOf(run: CheckRun, room: number, known: readonly Column[] = checks): Matrix {
  const judged = services(run);
  const namespaces = new Set(judged.map(({ subject }) => subject.namespace)).size > 1;
  const rows = new Map<string, { namespace: string; name: string; cells: Map<string, Status> }>();
  for (const { subject, check, status } of judged) {
    const key = `${subject.kind} ${subject.namespace}/${subject.name}`;
    const name = `${namespaces ? '  ' : ''}${oneLine(subject.name)}`;
    const row = rows.get(key) ?? { namespace: oneLine(subject.namespace ?? ''), name, cells: new Map() };
    row.cells.set(check, status);
    rows.set(key, row);
  }
  const longest = Math.max(7, ...[...rows.values()].map(({ name }) => width(name)));
  const columns = run.summary.items.map(({ check }) => known.find(({ id }) => id === check) ?? unknownCheck(check));
  const groups = [columns.filter(({ kind }) => !kind), columns.filter(({ kind }) => kind === 'practice')].filter(
    (group) => group.length > 0,
  );
  const wide = groups.every((group) => longest + taken(group, 'long') <= room);
  const size = wide ? 'long' : 'short';
  const parts = wide ? groups : groups.flatMap((group) => split(group, room - narrowestName));
  const nameWidth = Math.min(
    longest,
    Math.max(narrowestName, room - Math.max(0, ...parts.map((part) => taken(part, size)))),
  );
  return {
    nameWidth,
    namespaces,
    blocks: parts.map((part) => ({
      heads: part.map(({ heading }) => heading[size]),
      gap: ' '.repeat(gaps[size]),
      rows: [...rows.values()].map(({ namespace, name, cells }) => ({
        namespace,
        name: cut(name, nameWidth),
        cells: part.map(({ id }) => cells.get(id)),
      })),
    })),
  };
}

/** Of a report that a newer version made. */
const unknownCheck = (id: string): Column => ({ id, heading: { long: id, short: id } });

const gaps = { long: 2, short: 1 } as const;

/** Room of columns beside names, with two spaces between. */
const taken = (columns: readonly Column[], size: 'long' | 'short'): number =>
  columns.reduce((sum, { heading }) => sum + heading[size].length + gaps[size], 2 - gaps[size]);

/** The fewest blocks that fit, as even as can be: ten columns of which nine fit become five and five. */
function split(columns: readonly Column[], room: number): (readonly Column[])[] {
  for (let count = 1; count < columns.length; count += 1) {
    const each = Math.ceil(columns.length / count);
    const parts = Array.from({ length: count }, (_, index) => columns.slice(index * each, (index + 1) * each));
    if (parts.every((part) => taken(part, 'short') <= room)) return parts.filter((part) => part.length > 0);
  }
  return columns.map((column) => [column]);
}

function cut(name: string, limit: number): string {
  const letters = [...name];
  if (letters.length <= limit) return name;
  const left = Math.ceil((limit - 1) / 2);
  return `${letters.slice(0, left).join('')}…${letters.slice(letters.length - (limit - 1 - left)).join('')}`;
}
