import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { breakingOf, tellChanges } from '../scripts/contracts/tell-changes.ts';
import { breakingAdvice, compareWithContract, contractFile, findEvents } from '../scripts/find-events.ts';

const events = await findEvents();

for (const event of events) {
  test(`${event.type} is what was agreed`, async () => {
    const changes = await compareWithContract(event);
    assert.ok(changes, `${contractFile(event)} is missing: run \`npm run event-contracts\``);
    const advice =
      breakingOf(changes).length > 0
        ? breakingAdvice(event)
        : 'Nobody fails by it: run `npm run event-contracts` and commit the file.';
    assert.ok(changes.length === 0, `the data of the event changed:\n${tellChanges(changes)}\n${advice}`);
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
