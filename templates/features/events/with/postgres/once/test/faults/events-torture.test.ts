import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Again } from '../support/again.ts';
import { chanceOf } from '../support/chance.ts';
import { type Job, job, runWorker } from '../support/event-worker.ts';
import { setStage, tally, untilAllHandled } from '../support/event-workers.ts';

if (job) await runWorker(job);
else defineTests();

/** `TORTURE_SEED=17 npm run test:faults torture` makes the same choices again; how fast the machine is, it cannot choose. */
function defineTests(): void {
  const events = Number(process.env.TORTURE_EVENTS ?? 500);
  const kills = Number(process.env.TORTURE_KILLS ?? 10);
  const seed = Number(process.env.TORTURE_SEED ?? randomInt(2 ** 31));
  const keys = 20;

  test(`${events} events, ${kills} random kills of publishers and consumers (TORTURE_SEED=${seed})`, async (t) => {
    const chance = chanceOf(seed);
    const stage = await setStage(t, { events, keys, failPercent: 2 });
    let started = 0;
    const start = (role: Job['role']): Again => stage.start(role, { seed: seed + ++started });
    const workers: { role: Job['role']; worker: Again }[] = (
      ['publisher', 'consumer', 'publisher', 'consumer'] as const
    ).map((role) => ({ role, worker: start(role) }));
    for (let done = 0; done < kills; ) {
      // Chance decides whom and when: the time is part of the test.
      await wait(50 + chance() * 850);
      const victim = workers[Math.floor(chance() * workers.length)];
      if (!victim?.worker.child.kill('SIGKILL')) continue;
      await victim.worker.exited;
      victim.worker = start(victim.role);
      done += 1;
    }
    const killing = performance.now();
    // In proportion: a machine that handles fifty a second is a slow one.
    const all = await untilAllHandled(stage, events, 120_000 + events * 20);
    const seconds = Math.round((performance.now() - killing) / 100) / 10;
    const result = tally(all, keys, events / keys);
    t.diagnostic(JSON.stringify({ events, kills, seed, seconds, ...result }));
    assert.deepEqual(result, { lost: 0, twice: 0, outOfOrder: 0 });
  });
}
