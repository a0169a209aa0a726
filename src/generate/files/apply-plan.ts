import type { FileChange, Plan } from '../plan/plan.ts';
import { conflictsOf } from '../plan/plan.ts';
import type { Project } from '../plan/project.ts';
import { markConflict } from '../plan/three-way/merge-file.ts';
import { type TransactionOptions, type Write, writeAll } from './transaction.ts';

export interface ApplyOptions extends TransactionOptions {
  /** Writes files that conflict with markers in them; otherwise a plan with conflicts writes nothing. */
  writeConflicts?: boolean | undefined;
}

/** What must be written for a change; undefined for files that stay. */
function writeOf(change: FileChange): Write | undefined {
  const { path } = change;
  switch (change.kind) {
    case 'keep':
      return undefined;
    case 'delete':
      return { path, before: change.before };
    case 'conflict':
      return {
        path,
        before: change.before ?? change.mine,
        content: markConflict(change.base, change.mine, change.theirs),
      };
    default: {
      const { before, content, mode } = change;
      return { path, content, ...(before !== undefined && { before }), ...(mode !== undefined && { mode }) };
    }
  }
}

/** Everything that a plan writes. The record comes first: it makes the folder a service, whose next command recovers. */
export const writesOf = ({ bookkeeping, changes }: Pick<Plan, 'bookkeeping' | 'changes'>): Write[] =>
  [...bookkeeping, ...changes].map(writeOf).filter((write) => write !== undefined);

/**
 * Writes a plan into a project, all of it or none, even when killed: the next command finishes or undoes it. Returns
 * false, having written nothing, where there are conflicts and nobody asked to write them.
 *
 * @throws UserError CHANGED_MEANWHILE, LINK_LEADS_OUT, BUSY, NOT_WRITABLE
 */
export async function applyPlan(
  plan: Plan,
  project: Pick<Project, 'root'>,
  options: ApplyOptions = {},
): Promise<boolean> {
  if (conflictsOf(plan).length > 0 && !options.writeConflicts) return false;
  const writes = writesOf(plan);
  if (writes.length > 0) await writeAll(project.root, writes, options);
  return true;
}
