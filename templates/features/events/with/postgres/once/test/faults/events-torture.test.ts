import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Job, job, runWorker } from '../support/event-worker.ts';
import { setStage, tally, untilAllHandled, type Worker } from '../support/event-workers.ts';

if (job) await runWorker(job);
else defineTests();

function defineTests(): void {
  const events = Number(process.env.TORTURE_EVENTS ?? 500);
  const kills = Number(process.env.TORTURE_KILLS ?? 10);
  const keys = 20;

  test(`${events} events, ${kills} random kills of publishers and consumers`, async (t) => {
    const stage = await setStage(t, { events, keys, failPercent: 2 });
    const workers: { role: Job['role']; worker: Worker }[] = (
      ['publisher', 'consumer', 'publisher', 'consumer'] as const
    ).map((role) => ({ role, worker: stage.start(role) }));
    for (let done = 0; done < kills; ) {
      // Chance decides whom and when: the time is part of the test.
      await wait(randomInt(50, 900));
      const victim = workers[randomInt(workers.length)];
      if (!victim) continue;
      if (!victim.worker.child.kill('SIGKILL')) continue;
      await victim.worker.exited;
      victim.worker = stage.start(victim.role);
      done += 1;
    }
    const all = await untilAllHandled(stage, events, 300_000);
    const result = tally(all, keys, events / keys);
    t.diagnostic(JSON.stringify({ events, kills, ...result }));
    assert.deepEqual(result, { lost: 0, twice: 0, outOfOrder: 0 });
  });
}
