import type { CheckRun } from '../contract.ts';

/** What was taken for granted about a part of a repository, as sentences. */
export const assumed = ({ environment }: CheckRun): string[] => [
  ...(environment?.renderedBy ? [`Rendered by ${environment.renderedBy}.`] : []),
  ...(environment?.assumes ?? []),
];

/** What only a platform could answer: "distributed-tracing (3), centralized-logging (3)". */
export function notLookedAt({ notLookedAt: left = [] }: CheckRun): string {
  const counts = new Map<string, number>();
  for (const { check } of left) counts.set(check, (counts.get(check) ?? 0) + 1);
  return [...counts].map(([check, number]) => `${check} (${number})`).join(', ');
}
