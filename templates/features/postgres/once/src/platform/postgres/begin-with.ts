import type pg from 'pg';
import { sendTogether } from './send-together.ts';

/** What the driver speaks the protocol with, and has no types for. */
interface Wire {
  parse(message: { text: string }): void;
  bind(message: object): void;
  execute(message: object): void;
}

/**
 * Begins a transaction and runs its first statement, which has values, in one round trip. There is one Sync behind all of
 * them: where the server refuses to begin it skips the statement, which would else be a transaction by itself, and stay.
 */
export async function beginWith<Row extends pg.QueryResultRow>(
  client: pg.ClientBase,
  begin: readonly string[],
  text: string,
  values: readonly unknown[],
): Promise<pg.QueryResult<Row>> {
  const { connection } = client as unknown as { connection: Wire };
  const results = await sendTogether(client, () => {
    for (const each of begin) {
      connection.parse({ text: each });
      connection.bind({});
      connection.execute({});
    }
    return client.query(text, [...values]);
  });
  // The driver takes the answers to all of them for those to the one statement it knows of.
  return (results as unknown as pg.QueryResult<Row>[]).at(-1) as pg.QueryResult<Row>;
}
