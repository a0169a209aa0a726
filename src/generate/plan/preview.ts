import type { Plan } from './plan.ts';

/** The files of a plan as a tree, each with what happens to it. For `--dry-run` of a new service. */
export const previewTree = (_plan: Plan, _root: string): string => '';

/** One line a file that changes: what happens (new, clean, merged, conflict, deleted, kept and why). */
export const previewTable = (_plan: Plan): string => '';
