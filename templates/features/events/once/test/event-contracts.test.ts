import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { contractFile, contractOf, findEvents, readContract } from '../scripts/find-events.ts';

const events = await findEvents();

for (const event of events) {
  test(`${event.type} is what was agreed`, async () => {
    const committed = await readContract(event);
    assert.ok(committed, `${contractFile(event)} is missing: run \`npm run event-contracts\``);
    assert.deepEqual(contractOf(event), committed, 'the data of the event changed: run `npm run event-contracts`');
  });

  test(`${event.type} is in contracts/asyncapi.yaml`, async () => {
    const asyncapi = await readFile('contracts/asyncapi.yaml', 'utf8');
    assert.ok(asyncapi.includes(`address: ${event.subject}\n`));
    assert.ok(asyncapi.includes(`$ref: ./events/${event.type}.json\n`));
  });

  test(`${event.type} without its facts is refused, by field`, () => {
    assert.throws(() => event.check(null), {
      name: 'InvalidEvent',
      message: new RegExp(`^${event.type} breaks its contract`),
    });
  });
}
