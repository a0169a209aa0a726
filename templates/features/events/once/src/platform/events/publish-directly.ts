import { randomUUID } from 'node:crypto';
import { SpanKind } from '@opentelemetry/api';
import { withSpan } from '../tracing/span.ts';
import type { Broker } from './broker.ts';
import { encodeForms } from './cloud-event.ts';
import type { EventType } from './event.ts';
import { messagingSystem } from './open-broker.ts';

/**
 * Publishes at once, without a database, and resolves when the broker has stored the event.
 *
 * What this does not guarantee: if the process dies between your change and this call, the change is there and the event
 * is lost; while the broker is away, this throws. Where that matters, publish through the outbox (`msvc add-event --publish`).
 */
export function publishDirectly<Data>(
  broker: Broker,
  event: EventType<Data>,
  data: Data,
  { id = randomUUID(), key }: { id?: string; key?: string } = {},
): Promise<void> {
  const attributes = {
    'messaging.system': messagingSystem,
    'messaging.operation.type': 'send',
    'messaging.destination.name': event.subject,
  };
  return withSpan(`send ${event.subject}`, { kind: SpanKind.PRODUCER, attributes }, async () => {
    for (const message of encodeForms(event, data, { id, key })) await broker.publish(message);
  });
}
