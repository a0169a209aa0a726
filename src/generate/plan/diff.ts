import type { Plan } from './plan.ts';

/** Unified diff of everything that a plan changes, as `git apply` takes it. */
export const diffPlan = async (_plan: Plan): Promise<string> => '';
