import { randomUUID } from 'node:crypto';
import { SpanKind } from '@opentelemetry/api';
import type { Queries } from '../postgres/database.ts';
import { withSpan } from '../tracing/span.ts';
import { encodeForms, followsHeader, sequenceHeader } from './cloud-event.ts';
import type { EventType } from './event.ts';
import { messagingSystem } from './open-broker.ts';

export interface PublishOptions {
  /** What the event is about, such as the order's id. Events of one key arrive in the order of their commits. */
  key?: string;
  /** Chosen by a caller that may run twice (the step of a saga): one id is published once. */
  id?: string;
}

/**
 * Publishes an event with the transaction that it is called in: committed together, or not at all. The relay sends it
 * to the broker afterwards, as often as it takes.
 */
export function publish<Data>(
  transaction: Queries,
  event: EventType<Data>,
  data: Data,
  { key, id }: PublishOptions = {},
): Promise<void> {
  const attributes = {
    'messaging.system': messagingSystem,
    'messaging.operation.type': 'create',
    'messaging.destination.name': event.subject,
  };
  return withSpan(`create ${event.subject}`, { kind: SpanKind.PRODUCER, attributes }, async () => {
    if (id !== undefined && !(await isFirst(transaction, id))) return;
    for (const message of encodeForms(event, data, { id: id ?? randomUUID(), key })) {
      const values = [message.id, message.subject, key ?? null, message.headers, message.data];
      await transaction.query(key === undefined ? insert : insertNumbered, values);
    }
  });
}

const insert = 'insert into outbox (event_id, subject, key, headers, data) values ($1, $2, $3, $4, $5)';

// With the number of this event among those of its key. Who publishes the same key waits here until we commit. A key that
// is new, or was forgotten, begins above all that were forgotten, so that a reader who still knows it sees no number again.
const insertNumbered = `
  with numbered as (
    insert into outbox_keys as known (subject, key, last_sequence)
    select $2, $3, last_value + is_called::int from outbox_first_sequence
    on conflict (subject, key) do update set last_sequence = known.last_sequence + 1, used_on = current_date
    returning last_sequence, case when xmax = 0 then 0 else last_sequence - 1 end as follows)
  insert into outbox (event_id, subject, key, headers, data)
  select $1, $2, $3, $4::jsonb || jsonb_build_object('${sequenceHeader}', last_sequence::text, '${followsHeader}', follows::text), $5
  from numbered`;

async function isFirst(transaction: Queries, id: string): Promise<boolean> {
  const { rowCount } = await transaction.query('insert into outbox_ids (event_id) values ($1) on conflict do nothing', [
    id,
  ]);
  return rowCount === 1;
}
