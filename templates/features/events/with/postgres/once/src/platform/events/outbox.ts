import { randomUUID } from 'node:crypto';
import { SpanKind } from '@opentelemetry/api';
import type { Queries } from '../postgres/database.ts';
import { withSpan } from '../tracing/span.ts';
import { encodeForms } from './cloud-event.ts';
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

const insertNumbered = 'select add_to_outbox($1, $2, $3, $4, $5)';

async function isFirst(transaction: Queries, id: string): Promise<boolean> {
  const { rowCount } = await transaction.query('insert into outbox_ids (event_id) values ($1) on conflict do nothing', [
    id,
  ]);
  return rowCount === 1;
}
