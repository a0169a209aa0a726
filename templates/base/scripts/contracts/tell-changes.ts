import type { Change } from './compare-schemas.ts';

export const breakingOf = (changes: readonly Change[]): Change[] => changes.filter(({ isBreaking }) => isBreaking);

/** One line a change, the breaking ones first. */
export const tellChanges = (changes: readonly Change[]): string =>
  [...breakingOf(changes), ...changes.filter(({ isBreaking }) => !isBreaking)]
    .map(({ place, what, isBreaking }) => `  ${isBreaking ? 'BREAKING' : 'fine    '}  ${place} ${what}`)
    .join('\n');
