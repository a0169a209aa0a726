import { checks } from '../checks/index.ts';
import type { Change, Changes, CheckResult, CheckRun, Finding } from '../contract.ts';
import { subjectParts } from '../inventory/facts.ts';

type Fault = 'warn' | 'fail';

/** What a later run is compared with: of a report only verdicts and the ids of faults. */
export interface Baseline {
  /** Of a repository: which part of it; of several clusters: the context. */
  environment?: string;
  /** Judged without a platform around it. */
  alone?: true;
  checks: string[];
  cells: BaselineCell[];
  /** Lists that were not read whole: "pods in shop". */
  unread: string[];
}

interface BaselineCell {
  check: string;
  /** "shop/orders" */
  service: string;
  /** Ids of what nobody could know about it: a fault that is not told may be there. */
  open?: string[];
  faults: { id: string; status: Fault; message?: string; waived?: true }[];
}

const isFault = (finding: Finding): finding is Finding & { status: Fault } =>
  finding.status === 'warn' || finding.status === 'fail';

/** Messages are for who reads the later one: an earlier one is kept without. `name` tells it from others in its file. */
export function baselineOf(run: CheckRun, withMessages = false, name = run.environment?.name): Baseline {
  const services = run.results.filter(({ subject }) => subject.kind !== 'Cluster');
  return {
    ...(name === undefined ? {} : { environment: name }),
    ...(run.notLookedAt ? { alone: true as const } : {}),
    checks: run.summary.items.map(({ check }) => check),
    cells: [
      ...services.map(
        ({ check, subject, status, findings }): BaselineCell => ({
          check,
          service: `${subject.namespace ?? ''}/${subject.name}`,
          ...openOf({ check, status, findings }),
          faults: findings.filter(isFault).map(({ id, status, message, waived }) => ({
            id,
            status,
            ...(withMessages ? { message } : {}),
            ...(waived ? { waived: true as const } : {}),
          })),
        }),
      ),
      ...(run.notLookedAt ?? []).map(
        ({ check, subject }): BaselineCell => ({
          check,
          service: `${subject.namespace ?? ''}/${subject.name}`,
          open: [leftOut({ check })],
          faults: [],
        }),
      ),
    ],
    unread: [
      ...new Set(
        run.reads
          .filter(({ outcome }) => outcome === 'forbidden' || outcome === 'error' || outcome === 'partial')
          .map(({ resource, namespace }) => `${resource}${namespace ? ` in ${namespace}` : ''}`),
      ),
    ],
  };
}

function openOf({ check, status, findings }: Pick<CheckResult, 'check' | 'status' | 'findings'>): { open?: string[] } {
  const ids = findings.filter((finding) => finding.status === 'unknown').map(({ id }) => id);
  if (ids.length > 0) return { open: ids };
  return status === 'unknown' ? { open: [check] } : {};
}

/** More is open in the one than in the other: what was told there may be hidden here. */
const isMoreOpen = ({ open = [] }: BaselineCell, { open: other = [] }: Pick<BaselineCell, 'open'>): boolean =>
  open.some((id) => !other.includes(id));

interface Known {
  cell: BaselineCell;
  fault: BaselineCell['faults'][number];
}

const faultsOf = ({ cells }: Baseline): Map<string, Known> =>
  new Map(cells.flatMap((cell) => cell.faults.map((fault) => [fault.id, { cell, fault }] as const)));

const keyOf = ({ check, service }: BaselineCell): string => `${check} ${service}`;
const cellsOf = ({ cells }: Baseline, isAlike: boolean): Map<string, BaselineCell> =>
  new Map(
    cells.map((cell) => [keyOf(cell), isAlike && cell.open?.[0] === leftOut(cell) ? { ...cell, open: [] } : cell]),
  );
const leftOut = ({ check }: Pick<BaselineCell, 'check'>): string => `${check}/not looked at`;

/** What became of each fault; a waived one counts as there, and is new when nobody waives it any more. */
export function compareBaselines(before: Baseline, now: Baseline): Changes {
  const [old, fresh] = [faultsOf(before), faultsOf(now)];
  // Of two that both had no platform around them, what is not looked at hides nothing that the other showed.
  const isAlike = before.alone === now.alone;
  const [oldCells, freshCells] = [cellsOf(before, isAlike), cellsOf(now, isAlike)];
  const lost = now.unread.filter((list) => !before.unread.includes(list));
  const gained = before.unread.filter((list) => !now.unread.includes(list));
  const list = [
    ...[...fresh].flatMap(([id, known]): Change[] => appearing(id, known, old.get(id), before, gained, oldCells)),
    ...[...old].flatMap(([id, known]): Change[] => (fresh.has(id) ? [] : leaving(id, known, now, lost, freshCells))),
  ];
  return { list: list.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.id < b.id ? -1 : 1)), lost };
}

const order: readonly Change['state'][] = [
  'new',
  'worse',
  'appeared',
  'unseen',
  'not-comparable',
  'better',
  'resolved',
  'gone',
];

function appearing(
  id: string,
  { cell, fault }: Known,
  old: Known | undefined,
  before: Baseline,
  gained: readonly string[],
  oldCells: ReadonlyMap<string, BaselineCell>,
): Change[] {
  if (fault.waived) return [];
  const { check } = cell;
  const base = { check, id, now: fault.status, ...(fault.message ? { message: fault.message } : {}) };
  if (old && !old.fault.waived) {
    if (old.fault.status === fault.status) return [];
    return [{ state: fault.status === 'fail' ? 'worse' : 'better', ...base, before: old.fault.status }];
  }
  if (!before.checks.includes(check)) return [{ state: 'not-comparable', ...base }];
  const then = oldCells.get(keyOf(cell));
  const wasHidden = (then ? isMoreOpen(then, cell) : wasJudged(cell, before)) || mayHide(gained, check);
  return [{ state: !old && wasHidden ? 'appeared' : 'new', ...base }];
}

function leaving(
  id: string,
  { cell, fault }: Known,
  now: Baseline,
  lost: readonly string[],
  freshCells: ReadonlyMap<string, BaselineCell>,
): Change[] {
  const base = { check: cell.check, id, before: fault.status };
  if (!now.checks.includes(cell.check)) return [{ state: 'not-comparable', ...base }];
  const today = freshCells.get(keyOf(cell));
  // A verdict that rests on fewer lists than before may be another one for that alone.
  if ((today && isMoreOpen(today, cell)) || mayHide(lost, cell.check) || lost.some(isFile))
    return [{ state: 'unseen', ...base }];
  if (today) return [{ state: 'resolved', ...base }];
  if (wasJudged(cell, now)) return [{ state: 'unseen', ...base }];
  // Lists that name services were not read: it may well be there.
  const mayBeThere = now.unread.some((list) => subjectParts.includes(resourceOf(list)));
  return [{ state: mayBeThere ? 'unseen' : 'gone', ...base }];
}

/** The service was there, and a cell that it lacks is one that nothing showed. */
const wasJudged = ({ service }: BaselineCell, { cells }: Baseline): boolean =>
  cells.some((cell) => cell.service === service);

/** "pods in shop" is a list of pods. */
const resourceOf = (list: string): string => list.split(' ')[0] ?? '';

/** A file that could not be read may have held anything. */
const isFile = (list: string): boolean => /\.(ya?ml|json)(:\d+)?$/.test(list);

const readBy = new Map(checks.map(({ id, reads }) => [id, new Set([...reads.needs, ...reads.uses, ...subjectParts])]));

/** One of these lists is read by that check. */
const mayHide = (lists: readonly string[], check: string): boolean =>
  lists.some((list) => readBy.get(check)?.has(resourceOf(list)) ?? true);
