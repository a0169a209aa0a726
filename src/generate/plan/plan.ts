import type { ServiceRecord } from '../record.ts';
import type { RenderedTree } from '../render/rendered.ts';

/**
 * What happens to one file. `path` is relative to the project, with `/`. `before` is what is on disk now.
 * `quiet`: it stays, and nothing new in the templates is left out by that, so nobody needs to be told.
 * `unresolved`: it holds the markers of a conflict that somebody left in it.
 */
export type FileChange =
  | { kind: 'create' | 'update'; path: string; before?: string; content: string; mode?: number; merged?: true }
  | { kind: 'delete'; path: string; before: string }
  | { kind: 'keep'; path: string; reason: string; quiet?: true; unresolved?: true }
  /** `before` where that is not `mine`: git has put markers into the file. */
  | { kind: 'conflict'; path: string; before?: string; base: string; mine: string; theirs: string };

/** Everything a command is about to do, as a value: previewed, printed as JSON or applied, never anything else. */
export interface Plan {
  /** The record after the change. */
  record: ServiceRecord;
  /** One a path, sorted by path; files that need no change are `keep`. */
  changes: readonly FileChange[];
  /** The same for `.msvc/service.json` and `.msvc/base/`: written with every apply, shown to nobody. */
  bookkeeping: readonly FileChange[];
  /** What the templates render now: the next base (`.msvc/base/`). */
  rendered: RenderedTree;
}

/** What applies a plan needs to know of its conflicts. */
export const conflictsOf = (plan: Plan): Extract<FileChange, { kind: 'conflict' }>[] =>
  plan.changes.filter((change) => change.kind === 'conflict');

/** Files that a person has yet to make whole. */
export const unresolvedIn = (plan: Plan): boolean =>
  plan.changes.some((change) => change.kind === 'keep' && change.unresolved);

/** True where applying would leave every file as it is. */
export const isEmptyPlan = (plan: Plan): boolean =>
  plan.bookkeeping.length === 0 && plan.changes.every((change) => change.kind === 'keep');
