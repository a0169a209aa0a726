import assert from 'node:assert/strict';
import { test } from 'node:test';
import { job, runWorker } from '../support/event-worker.ts';
import { setStage, tally, untilAllHandled } from '../support/event-workers.ts';
import { eventually } from '../support/eventually.ts';

if (job) await runWorker(job);
else defineTests();

function defineTests(): void {
  test('killed between the commit and the sending: the next process sends it', async (t) => {
    const stage = await setStage(t, { events: 4, keys: 2 });
    assert.equal(await stage.start('publisher', { kill: 'committed' }).exited, 'SIGKILL');
    assert.equal((await stage.query('select 1 from outbox')).length, 1);
    stage.start('publisher');
    stage.start('consumer');
    assert.deepEqual(tally(await untilAllHandled(stage, 4, 120_000), 2, 2), { lost: 0, twice: 0, outOfOrder: 0 });
  });

  test('killed after the broker has it and before the outbox knows: it is sent again and handled once', async (t) => {
    const stage = await setStage(t, { events: 4, keys: 2 });
    assert.equal(await stage.start('publisher', { kill: 'sent' }).exited, 'SIGKILL');
    assert.ok((await stage.query('select 1 from outbox')).length > 0);
    stage.start('publisher');
    stage.start('consumer');
    assert.deepEqual(tally(await untilAllHandled(stage, 4, 120_000), 2, 2), { lost: 0, twice: 0, outOfOrder: 0 });
  });

  test('killed between the effect and the acknowledgement: it comes again and is handled once', async (t) => {
    const stage = await setStage(t, { events: 4, keys: 2 });
    stage.start('publisher');
    assert.equal(await stage.start('consumer', { kill: 'handled' }).exited, 'SIGKILL');
    // Of each key one may be at its commit at that moment.
    assert.ok((await stage.effects()).length > 0);
    assert.equal(await stage.isAnswered(1), false);
    stage.start('consumer');
    assert.deepEqual(tally(await untilAllHandled(stage, 4, 120_000), 2, 2), { lost: 0, twice: 0, outOfOrder: 0 });
  });

  test('a process that is frozen while it handles events, and comes back, does no harm', async (t) => {
    const stage = await setStage(t, { events: 200, keys: 5 });
    const frozen = stage.start('consumer');
    stage.start('publisher');
    await eventually('it is at work', async () => (await stage.effects()).length > 0, 120_000);
    frozen.child.kill('SIGSTOP');
    stage.start('consumer');
    await untilAllHandled(stage, 200, 120_000);
    frozen.child.kill('SIGCONT');
    // It is alive again once it has ended in order, with all that it still had in hand.
    frozen.child.kill('SIGTERM');
    assert.equal(await frozen.exited, '0');
    assert.deepEqual(tally(await stage.effects(), 5, 40), { lost: 0, twice: 0, outOfOrder: 0 });
  });

  test('the whole stream is replayed: nothing happens twice', async (t) => {
    const stage = await setStage(t, { events: 60, keys: 5 });
    stage.start('publisher');
    const consumer = stage.start('consumer');
    await untilAllHandled(stage, 60, 120_000);
    consumer.child.kill('SIGTERM');
    await consumer.exited;

    await stage.removeQueue();
    stage.start('consumer');
    await eventually('all came again', () => stage.isAnswered(60), 120_000);
    assert.deepEqual(tally(await stage.effects(), 5, 12), { lost: 0, twice: 0, outOfOrder: 0 });
  });
}
