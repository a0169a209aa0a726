import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aggregate, AnyEvent, EventSchemas } from '../../src/platform/event-store/aggregate.ts';

/** Tests that every version of every event that was ever written is read. @param samples by event, version 1 first */
export function readSamples<State, Event extends AnyEvent>(
  aggregate: Aggregate<State, never, Event> & { events: EventSchemas },
  samples: Readonly<Record<string, readonly unknown[]>>,
): void {
  const { name, events, initial } = aggregate;
  for (const type of new Set([...Object.keys(events), ...Object.keys(samples)])) {
    const written = samples[type] ?? [];
    test(`${name} ${type}: all that was ever written is read`, () => {
      assert.ok(type in events, `${type} was stored, so it stays in the events of ${name} and in evolve`);
      const now = aggregate.versionOf(type);
      assert.equal(written.length, now, `${type} is of version ${now}: a sample of each version belongs here`);
      for (const [index, sample] of written.entries()) {
        const data = aggregate.read(type, index + 1, sample);
        const hint = 'give defineAggregate an upcast, or put this sample right where no such event was ever stored';
        assert.doesNotThrow(
          () => aggregate.check({ type, data }),
          `${type} version ${index + 1} does not fit: ${hint}`,
        );
        const state = aggregate.evolve(initial, { type, data } as Event);
        assert.deepEqual(
          JSON.parse(JSON.stringify({ state })),
          { state },
          'a state is JSON: it is stored in snapshots',
        );
      }
    });
  }
}
