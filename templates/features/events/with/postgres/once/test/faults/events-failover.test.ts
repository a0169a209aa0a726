import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NatsServer } from '../../scripts/nats/server.ts';
import { job, runWorker } from '../support/event-worker.ts';
import { type Stage, setStage, tally, untilAllHandled } from '../support/event-workers.ts';
import { eventually } from '../support/eventually.ts';
import { startNatsCluster } from '../support/nats-cluster.ts';

if (job) await runWorker(job);
else defineTests();

/** Events go on through what has just happened. */
async function untilMore({ effects }: Stage, what: string): Promise<void> {
  const before = (await effects()).length;
  await eventually(`events are handled, ${what}`, async () => (await effects()).length > before + 5, 300_000);
}

function defineTests(): void {
  test('one of three servers is killed, one hangs, then all lose their power: events go on, once and in order', async (t) => {
    const broker = await startNatsCluster(t);
    // More than it comes to: it ends with its publisher.
    const stage = await setStage(t, { events: 1_000_000, keys: 20, failPercent: 2, broker });
    const publisher = stage.start('publisher');
    for (const seed of [1, 2]) stage.start('consumer', { seed });
    const [first, second] = broker.servers as [NatsServer, NatsServer];
    await untilMore(stage, 'at first');

    await first.kill();
    await untilMore(stage, 'by two servers');
    await first.restart();

    process.kill(second.pid, 'SIGSTOP');
    await untilMore(stage, 'while a server hangs');
    process.kill(second.pid, 'SIGCONT');

    await Promise.all(broker.servers.map((server) => server.kill()));
    await Promise.all(broker.servers.map((server) => server.restart()));
    await untilMore(stage, 'after all were gone');

    publisher.child.kill('SIGKILL');
    await publisher.exited;
    const [counts] = await stage.query('select sum(n)::int as committed from test_counters');
    const committed = Number(counts?.committed);
    const all = await untilAllHandled(stage, committed, 300_000);
    assert.deepEqual(tally(all, 1, committed), { lost: 0, twice: 0, outOfOrder: 0 });
  });
}
