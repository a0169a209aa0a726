import { advisoryLocks } from '../postgres/advisory-locks.ts';
import type { Queries } from '../postgres/database.ts';
import type { Aggregate } from './aggregate.ts';
import type { Row } from './store.ts';

/** Shared by commands, exclusive while somebody is forgotten. */
const lock = `${advisoryLocks.forgetting}, hashtext($1)`;

/** A command that has read what is being forgotten could write it again, so each waits for the other. */
export async function keepFromForgetting(
  transaction: Queries,
  { name, people }: Pick<Aggregate, 'name' | 'people'>,
): Promise<void> {
  if (people) await transaction.query(`select pg_advisory_xact_lock_shared(${lock})`, [name]);
}

/**
 * Takes a person out of all that happened: the events stay, in their order, without what `people` of the aggregate says is
 * to be forgotten, and the snapshots made of them go. Its commands wait meanwhile. Twice is as good as once.
 *
 * @returns how many events it was
 */
export async function forget(
  transaction: Queries,
  aggregate: Pick<Aggregate, 'name' | 'people' | 'read' | 'check' | 'versionOf'>,
  person: string,
): Promise<number> {
  const { name, people = {} } = aggregate;
  await transaction.query(`select pg_advisory_xact_lock(${lock})`, [name]);
  // As the id stands within a JSON text; what merely holds it somewhere is sorted out below.
  const { rows } = await transaction.query<Row>(
    `select aggregate_id, version, type, event_version, data from domain_events
     where aggregate = $1 and type = any($2) and (aggregate_id = $3 or strpos(data::text, $4) > 0)`,
    [name, Object.keys(people), person, JSON.stringify(person).slice(1, -1)],
  );
  const touched = new Set<string>();
  let count = 0;
  for (const { aggregate_id: id, version, type, event_version, data } of rows) {
    const current = aggregate.read(type, event_version, data) as never;
    const rule = people[type];
    if (rule?.who(current, id) !== person) continue;
    const left = rule.forget(current);
    aggregate.check({ type, data: left });
    await transaction.query(
      `update domain_events set data = $4, event_version = $5
       where aggregate = $1 and aggregate_id = $2 and version = $3`,
      [name, id, version, JSON.stringify(left), aggregate.versionOf(type)],
    );
    touched.add(id);
    count += 1;
  }
  await transaction.query('delete from aggregate_snapshots where aggregate = $1 and aggregate_id = any($2)', [
    name,
    [...touched],
  ]);
  return count;
}
