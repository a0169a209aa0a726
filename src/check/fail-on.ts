import type { Change, Changes, Finding } from './contract.ts';

/** From which level on a finding fails a run. */
export type FailOn = 'fail' | 'warn' | 'never';

/** Statuses of findings that fail a run. */
export const blockingStatuses = (failOn: FailOn): readonly Finding['status'][] =>
  (({ fail: ['fail'], warn: ['warn', 'fail'], never: [] }) as const)[failOn];

/** Counts where only what is new may fail a run. */
export const isNew = ({ state }: Change): boolean => state === 'new' || state === 'worse';

/** Ids of what is new. */
export const newFaults = ({ list }: Changes): ReadonlySet<string> => new Set(list.filter(isNew).map(({ id }) => id));
