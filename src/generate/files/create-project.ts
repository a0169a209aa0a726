import type { Plan } from '../plan/plan.ts';

export interface CreateOptions {
  signal?: AbortSignal;
}

/**
 * Writes a new service: it appears at `target` (absolute) whole or not at all. UserError `TARGET_NOT_EMPTY`,
 * `TARGET_NOT_WRITABLE`; throws the signal's reason where aborted.
 */
export async function createProject(_plan: Plan, _target: string, _options: CreateOptions = {}): Promise<void> {
  throw new Error('createProject is being written');
}

/** UserError `TARGET_NOT_EMPTY`, naming what is there, unless the target is absent or an empty folder. */
export async function checkTarget(_target: string): Promise<void> {
  throw new Error('checkTarget is being written');
}
