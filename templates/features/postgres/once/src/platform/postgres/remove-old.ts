import type { Queries } from './database.ts';

export interface Old {
  table: string;
  /** By which it is known what is old; where the table grows, it has an index. */
  column: string;
  /** Of which `column` is less, in SQL; its values are $2 and so on. */
  before: string;
  values?: readonly unknown[];
}

/**
 * Removes up to `limit` old rows, leaving out those that another replica removes at the same moment. One statement for all
 * of them would hold up everybody else, and be ended by the database where they are too many.
 *
 * @returns how many it were
 */
export async function removeOld(
  queries: Queries,
  { table, column, before, values = [] }: Old,
  limit: number,
): Promise<number> {
  const { rowCount } = await queries.query(
    `delete from ${table} where ctid = any(array(
       select ctid from ${table} where ${column} < ${before} order by ${column} limit $1 for update skip locked))`,
    [limit, ...values],
  );
  return rowCount ?? 0;
}
