import { groupBy } from '../../multimap.ts';
import type { CheckRun } from '../contract.ts';
import { serviceNames } from './sum.ts';

/** What tells a report from the others of one document: the part of a repository, or of several clusters which. */
export const labelOf = (
  { environment, source }: Pick<CheckRun, 'environment' | 'source'>,
  isOneOfSeveral: boolean,
): string | undefined => environment?.name ?? (isOneOfSeveral ? source.context : undefined);

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

/** Practices that nothing shows, those together that the same would show: "contracts, idempotency (3 of 7 services): …". */
export function notShown(run: CheckRun): string[] {
  const { notShown: left = [] } = run;
  const all = serviceNames(run).length;
  return [...groupBy(left, ({ shownBy }) => shownBy)].map(([shownBy, group]) => {
    const names = group.map(({ check, services }) =>
      run.summary.items.some((item) => item.check === check) ? `${check} (${services} of ${all} services)` : check,
    );
    return `${names.join(', ')}: shown by ${shownBy}`;
  });
}
