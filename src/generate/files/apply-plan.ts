import type { Plan } from '../plan/plan.ts';
import type { Project } from '../plan/project.ts';

export interface ApplyOptions {
  /** Writes files that conflict with markers in them; otherwise a plan with conflicts writes nothing. */
  writeConflicts?: boolean;
  signal?: AbortSignal;
}

/**
 * Writes a plan into a project, all of it or none, even when killed: the next `recover` finishes or undoes it.
 * Returns false, having written nothing, where there are conflicts and nobody asked to write them. UserError
 * `CHANGED_MEANWHILE`, `LINK_LEADS_OUT`, `BUSY`.
 */
export async function applyPlan(_plan: Plan, _project: Project, _options: ApplyOptions = {}): Promise<boolean> {
  throw new Error('applyPlan is being written');
}
