import type { GroupResource, ReadOutcome } from '../../contract.ts';
import { type Resource, resources } from '../resources/resources.ts';
import type { Snapshot } from '../snapshot.ts';

/**
 * The ledger of a recording with a line for every kind that the version which made it did not read: absent where the
 * cluster did not serve it then, else not known.
 */
export function withNewerKinds(
  reads: readonly ReadOutcome[],
  served: Snapshot['served'],
  table: readonly Resource[] = resources,
): ReadOutcome[] {
  const told = new Set(reads.map(({ resource }) => resource));
  const isAbsent = served ? notServed(served) : withoutItsGroup(reads, table);
  const newer = table
    .filter(({ part }) => !told.has(part))
    .map((resource): ReadOutcome => {
      const list = { resource: resource.part, count: 0 };
      return isAbsent(resource)
        ? { ...list, outcome: 'absent' }
        : { ...list, outcome: 'partial', detail: 'recorded by an older version that did not read it' };
    });
  return [...reads, ...newer];
}

const notServed = ({ resources: known, unanswered }: NonNullable<Snapshot['served']>) => {
  const all = new Set<GroupResource>(known);
  return ({ part, group }: Resource): boolean => !all.has(part) && !unanswered.includes(group);
};

/** Recordings that do not say what was served: whose every other kind was absent, that group was not installed. */
function withoutItsGroup(reads: readonly ReadOutcome[], table: readonly Resource[]) {
  const groupOf = new Map(table.map(({ part, group }) => [part, group]));
  const seen = new Map<string, boolean>();
  for (const { resource, outcome } of reads) {
    const group = groupOf.get(resource);
    if (group !== undefined) seen.set(group, (seen.get(group) ?? true) && outcome === 'absent');
  }
  return ({ group }: Resource): boolean => seen.get(group) ?? false;
}
