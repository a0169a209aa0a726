import type { Plan } from './plan.ts';

export interface PlanJsonExtras {
  /** The commands to run next, in order. */
  next: readonly string[];
  /** True where the plan was written. */
  applied: boolean;
  /** Absolute path of the service. */
  directory: string;
}

/** One JSON document, `msvc.plan/1`: the record, each file with what happens to it, the next commands. Ends with a newline. */
export const planJson = (_plan: Plan, _extras: PlanJsonExtras): string => '';
