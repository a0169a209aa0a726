import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { forgetPublished } from '../src/platform/event-store/forget-published.ts';
import { defineEvent } from '../src/platform/events/event.ts';
import { publish } from '../src/platform/events/outbox.ts';
import { startApp } from './support/app.ts';
import { noBroker } from './support/broker.ts';
import { testDatabase } from './support/postgres.ts';

const booked = defineEvent('tests.booked', {
  version: 1,
  data: Type.Object({ guest: Type.String(), name: Type.String() }),
});

test('who is forgotten stands in no event that waits to be sent, nor in one that is parked', async (t) => {
  const { app } = await startApp(t, { env: { DATABASE_URL: await testDatabase(), ...noBroker } });
  const guests = [
    { guest: 'g-1', name: 'Zoe Unique' },
    { guest: 'g-10', name: 'Max Other' },
  ];
  await app.database.transaction(async (tx) => {
    for (const guest of [...guests, ...guests.slice(0, 1)]) await publish(tx, booked, guest);
    await tx.query("update outbox set parked_at = now(), reason = 'too large' where id = 3");
  });
  const rule = {
    who: ({ guest }: { guest: string }) => guest,
    forget: (data: { guest: string; name: string }) => ({ ...data, name: '' }),
  };
  assert.equal(await app.database.transaction((tx) => forgetPublished(tx, booked, 'g-1', rule)), 2);
  const { rows } = await app.database.query('select data from outbox order by id');
  assert.deepEqual(
    rows.map(({ data }) => JSON.parse(data as string)),
    [{ guest: 'g-1', name: '' }, guests[1], { guest: 'g-1', name: '' }],
  );
});
