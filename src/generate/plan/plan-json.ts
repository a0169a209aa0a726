import { conflictsOf, isEmptyPlan, type Plan } from './plan.ts';
import { describeChange } from './preview.ts';

export interface PlanJsonExtras {
  /** The commands to run next, in order. */
  next: readonly string[];
  /** True where the plan was written. */
  applied: boolean;
  /** Absolute path of the service. */
  directory: string;
}

/**
 * One JSON document, `msvc.plan/1`: the service, each file with what happens to it, the next commands. Files that stay as
 * they are are left out. Ends with a newline.
 */
export function planJson(plan: Plan, { next, applied, directory }: PlanJsonExtras): string {
  const files = plan.changes
    .map((change) => ({ change, ...describeChange(change) }))
    .filter(({ quiet }) => !quiet)
    .map(({ change, word }) => ({ path: change.path, change: change.kind, detail: word }));
  const document = {
    schema: 'msvc.plan/1',
    service: plan.record.name,
    directory,
    applied,
    empty: isEmptyPlan(plan),
    conflicts: conflictsOf(plan).map(({ path }) => path),
    files,
    record: plan.record,
    next,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
