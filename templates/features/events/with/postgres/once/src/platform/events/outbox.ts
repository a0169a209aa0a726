import { randomUUID } from 'node:crypto';
import { SpanKind } from '@opentelemetry/api';
import type { Queries } from '../postgres/database.ts';
import { withSpan } from '../tracing/span.ts';
import { encode, sequenceHeader } from './cloud-event.ts';
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
    const message = encode(event, data, { id: id ?? randomUUID(), key });
    if (key !== undefined) message.headers[sequenceHeader] = await takeNumber(transaction, event.subject, key);
    await transaction.query('insert into outbox (event_id, subject, key, headers, data) values ($1, $2, $3, $4, $5)', [
      message.id,
      message.subject,
      key ?? null,
      message.headers,
      message.data,
    ]);
  });
}

/** The number of this event among those of its key. Who publishes the same key waits here until we commit. */
async function takeNumber(transaction: Queries, subject: string, key: string): Promise<string> {
  const { rows } = await transaction.query<{ last_sequence: string }>(
    `insert into outbox_keys as known (subject, key, last_sequence) values ($1, $2, 1)
     on conflict (subject, key) do update set last_sequence = known.last_sequence + 1
     returning last_sequence`,
    [subject, key],
  );
  return rows[0]?.last_sequence ?? '1';
}

async function isFirst(transaction: Queries, id: string): Promise<boolean> {
  const { rowCount } = await transaction.query('insert into outbox_ids (event_id) values ($1) on conflict do nothing', [
    id,
  ]);
  return rowCount === 1;
}
