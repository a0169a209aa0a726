import type pg from 'pg';

/**
 * Commits, and believes only the answer: to the COMMIT of a transaction in which a statement has failed Postgres says
 * ROLLBACK, which is no error.
 * @throws RolledBack
 */
export async function commit(client: pg.ClientBase, failure?: unknown): Promise<void> {
  const { command } = await client.query('commit');
  if (command !== 'COMMIT') throw new RolledBack(failure);
}

/** Nothing of the transaction happened. Its cause is the statement that failed, where that is known. */
export class RolledBack extends Error {
  constructor(cause: unknown) {
    super(
      'Postgres rolled the transaction back, because a statement in it had failed and its error was caught: ' +
        'put what may fail into transaction.savepoint(…)',
      { cause },
    );
    this.name = 'RolledBack';
  }
}
