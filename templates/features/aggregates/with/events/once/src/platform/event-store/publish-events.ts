import type { EventType } from '../events/event.ts';
import { publish } from '../events/outbox.ts';
import type { AnyEvent, Stored } from './aggregate.ts';
import { defineProjection, type Projection } from './projection.ts';

/** What other services are told when something happened here: an event of src/events/ and its data. */
export type Told<Data = unknown> = readonly [event: EventType<Data>, data: Data];

/** By the name of the event in the aggregate. Whatever is not named stays inside. */
export type Published<Event extends AnyEvent> = {
  readonly [T in Event['type']]?: (event: Stored<Extract<Event, { type: T }>>) => Told;
};

/**
 * Publishes through the outbox, in the transaction that stores the event: both happen or neither. Of one aggregate the
 * events arrive in the order of its versions.
 */
export const publishEvents = <Event extends AnyEvent>(aggregate: string, published: Published<Event>): Projection =>
  defineProjection({
    name: `${aggregate}-published`,
    mode: 'inline',
    aggregates: [aggregate],
    async handle(events, transaction) {
      for (const event of events) {
        const tell = (published as Readonly<Record<string, ((event: never) => Told) | undefined>>)[event.type];
        if (!tell) continue;
        const [type, data] = tell(event as never);
        await publish(transaction, type, data, { key: event.aggregateId });
      }
    },
  });
