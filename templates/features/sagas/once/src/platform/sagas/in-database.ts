import type { Queries } from '../postgres/database.ts';
import { type Call, Refused, type Undo } from './saga.ts';

/**
 * A step that this service does itself: all that `work` writes with `tx`, and the note that it did, are committed
 * together. The same key again gets the first result, without running `work`; one that was undone is refused.
 */
export function inDatabase<T>(
  { app, key, sagaId }: Pick<Call<unknown>, 'app' | 'key' | 'sagaId'>,
  work: (tx: Queries) => Promise<T>,
): Promise<T> {
  return app.database.transaction(async (tx) => {
    // Whoever does the same at the same time waits here until we commit.
    const insert = 'insert into saga_local_steps (key, saga_id) values ($1, $2) on conflict do nothing';
    const { rowCount } = await tx.query(insert, [key, sagaId]);
    if (rowCount === 1) {
      const result = await work(tx);
      await tx.query('update saga_local_steps set result = $2 where key = $1', [key, JSON.stringify(result ?? null)]);
      return result;
    }
    const { rows } = await tx.query<{ result: T; undone: boolean }>(
      'select result, undone from saga_local_steps where key = $1',
      [key],
    );
    if (rows[0]?.undone) throw new Refused(`${key} was undone`);
    return rows[0]?.result as T;
  });
}

/** Undoes what `inDatabase` did: `work` runs once, and not at all where nothing happened, which can then not happen later. */
export function undoInDatabase(
  { app, actionKey, sagaId }: Pick<Undo<unknown>, 'app' | 'actionKey' | 'sagaId'>,
  work: (tx: Queries) => Promise<unknown>,
): Promise<void> {
  return app.database.transaction(async (tx) => {
    const bar = 'insert into saga_local_steps (key, saga_id, undone) values ($1, $2, true) on conflict do nothing';
    if ((await tx.query(bar, [actionKey, sagaId])).rowCount === 1) return;
    const undo = 'update saga_local_steps set undone = true where key = $1 and not undone';
    if ((await tx.query(undo, [actionKey])).rowCount === 1) await work(tx);
  });
}
