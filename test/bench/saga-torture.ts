import { setTimeout as wait } from 'node:timers/promises';
import { type SagaRemote, startSagaRemote } from './saga-remote.ts';
import { type PostgresPair, type Replica, startReplica, steps } from './saga-service.ts';

export interface Tortured {
  sagas: number;
  kills: number;
  rollouts: number;
  freezes: number;
  calls: number;
  completed: number;
  compensated: number;
  /** What went wrong, by kind; each must be empty. */
  lost: string[];
  stuck: string[];
  twice: string[];
  wrong: string[];
  needless: string[];
}

const leaseMs = 2_000;

/**
 * Runs sagas on three replicas that are killed, rolled and frozen at random, against services that fail at random; halfway
 * their database fails over.
 */
export async function torture(
  folder: string,
  database: PostgresPair,
  { seed, sagas, kills, tell }: { seed: number; sagas: number; kills: number; tell: (line: string) => void },
): Promise<Tortured> {
  const remote = await startSagaRemote(seed);
  const env = {
    DATABASE_URL: database.url,
    DATABASE_POOL_MAX: '4',
    SAGA_POOL_MAX: '6',
    SAGA_LEASE_MS: String(leaseMs),
    // However busy this machine is: who does not start in time is no part of the torture.
    DATABASE_START_TIMEOUT_MS: '600000',
    SAGA_RETRY_DELAY_MS: '20',
    SAGA_COMPENSATION_ATTEMPTS: '30',
    // Here every takeover is our doing, and none the saga's.
    SAGA_TAKEOVER_LIMIT: '1000',
    ...Object.fromEntries(
      steps.flatMap((step) => {
        const prefix = step.replaceAll('-', '_').toUpperCase();
        return [
          [`${prefix}_URL`, remote.url],
          [`${prefix}_BREAKER_OPEN_MS`, '1000'],
        ];
      }),
    ),
  };
  const replicas: Replica[] = [];
  // One after the other: the first makes the tables, as in a rollout.
  for (let index = 0; index < 3; index += 1) replicas.push(await startReplica(folder, 'dist/main.js', env));
  try {
    const ids = Array.from({ length: sagas }, (_, index) => `saga-${index}`);
    const harm = { kills: 0, rollouts: 0, freezes: 0 };
    let started = 0;
    let isFailedOver = false;
    const failOver = async () => {
      if (isFailedOver) return;
      isFailedOver = true;
      await database.failOver();
      tell('the database has failed over');
    };
    const isOver = () => started === sagas && harm.kills >= kills && isFailedOver;
    // Each has its own row of random numbers, so that the same seed means the same decisions, whoever comes first.
    const harming = replicas.map(async (replica, index) => {
      const random = generator(seed + index);
      while (!isOver()) {
        // Up about half of the time, however long this machine takes to start a process.
        await wait(2 * random() * Math.max(750, replica.startMs));
        if (index === 0 && harm.kills >= kills / 2) await failOver();
        const choice = random();
        if (choice < 0.1) {
          await replica.freeze(leaseMs * 1.5);
          harm.freezes += 1;
        } else if (choice < 0.25) {
          await replica.roll();
          harm.rollouts += 1;
        } else {
          await replica.kill();
          harm.kills += 1;
          if (harm.kills % 10 === 0) tell(`${harm.kills} kills, ${started} sagas started, ${remote.calls} calls`);
        }
      }
    });
    // Spread over all the kills: some sagas are running at each of them.
    const random = generator(seed + replicas.length);
    for (const [index, id] of ids.entries()) {
      while (harm.kills < (kills * index) / sagas) await wait(10);
      void start(replicas, id, generator(Math.floor(random() * 2 ** 32))).then(() => {
        started += 1;
      });
    }
    await Promise.all(harming);
    tell(`${harm.kills} kills, ${harm.rollouts} rollouts and ${harm.freezes} freezes done: waiting for the last sagas`);
    const states = await settle(replicas, ids);
    return { sagas, ...harm, calls: remote.calls, ...judge(remote, states) };
  } finally {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await remote.close();
  }
}

/** As any client would: again until somebody has taken it. */
async function start(replicas: readonly Replica[], id: string, random: () => number): Promise<void> {
  for (;;) {
    const { url } = replicas[Math.floor(random() * replicas.length)] as Replica;
    const response = await fetch(`${url}/v1/place-order/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reference: id }),
      signal: AbortSignal.timeout(3_000),
    }).catch(() => undefined);
    if (response?.status === 202) return;
    await wait(50);
  }
}

async function settle(replicas: readonly Replica[], ids: readonly string[]): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  const deadline = Date.now() + 120_000 + 50 * ids.length;
  while (Date.now() < deadline && states.size < ids.length) {
    for (const id of ids.filter((id) => !states.has(id))) {
      const response = await fetch(`${replicas[0]?.url}/v1/place-order/${id}`);
      const { state } = (await response.json()) as { state: string };
      if (['completed', 'compensated', 'stuck'].includes(state)) states.set(id, state);
    }
    await wait(100);
  }
  for (const id of ids) if (!states.has(id)) states.set(id, 'lost');
  return states;
}

function judge(
  remote: SagaRemote,
  states: ReadonlyMap<string, string>,
): Omit<Tortured, 'sagas' | 'kills' | 'rollouts' | 'freezes' | 'calls'> {
  const having = (wanted: string) => [...states].filter(([, state]) => state === wanted).map(([id]) => id);
  const effects = (id: string) => steps.map((step) => remote.standing(id, step));
  const completed = having('completed');
  const compensated = having('compensated');
  return {
    completed: completed.length,
    compensated: compensated.length,
    lost: having('lost'),
    stuck: having('stuck'),
    twice: [...states.keys()].filter((id) => effects(id).some((count) => count > 1)),
    wrong: [
      ...completed.filter((id) => remote.wasUndone(id) || effects(id).some((count) => count === 0)),
      ...compensated.filter((id) => effects(id).some((count) => count > 0)),
    ],
    needless: compensated.filter((id) => !remote.wasRefused(id)),
  };
}

/** mulberry32: small, and the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
