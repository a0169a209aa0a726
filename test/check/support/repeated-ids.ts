import type { CheckRun } from '../../../src/check/contract.ts';

/** Ids that more than one finding of a run has. */
export function repeatedIds({ results }: CheckRun): string[] {
  const seen = new Set<string>();
  return results
    .flatMap(({ findings }) => findings.map(({ id }) => id))
    .filter((id) => seen.size === seen.add(id).size);
}
