import type { EventType } from '../events/event.ts';
import type { Queries } from '../postgres/database.ts';

export interface Published<Data> {
  /** An id that stands in the data. */
  who(data: Data): string;
  forget(data: Data): Data;
}

/**
 * Takes a person out of events that wait in the outbox, in the transaction of `forget`. What was sent already, or is
 * being sent, is with others: publish an event that asks them to forget too. An older version that is published as well
 * is asked for by itself.
 *
 * @returns how many events it was
 */
export async function forgetPublished<Data>(
  transaction: Queries,
  event: EventType<Data>,
  person: string,
  { who, forget }: Published<Data>,
): Promise<number> {
  const { rows } = await transaction.query<{ id: string; data: string }>(
    `select id, data from outbox
     where subject = $1 and headers ->> 'ce-type' = $2 and strpos(data, $3) > 0`,
    [event.subject, event.type, JSON.stringify(person).slice(1, -1)],
  );
  let count = 0;
  for (const { id, data } of rows) {
    const told = event.check(JSON.parse(data));
    if (who(told) !== person) continue;
    const left = JSON.stringify(event.check(forget(told)));
    count += (await transaction.query('update outbox set data = $2 where id = $1', [id, left])).rowCount ?? 0;
  }
  return count;
}
