import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../src/app.ts';
import { Consumer } from '../../src/platform/events/consumer.ts';
import { publish } from '../../src/platform/events/outbox.ts';
import { subscribe } from '../../src/platform/events/subscription.ts';
import { ownRole } from './again.ts';
import { chanceOf } from './chance.ts';
import { counted } from './events.ts';

/** What a worker does, and the moment at which it kills itself:
 *
 * committed  the change and its event are committed, nothing is sent
 * sent       the broker has stored an event, the outbox still has it
 * handled    the effect is committed, the event is not acknowledged
 */
export interface Job {
  role: 'publisher' | 'consumer';
  kill?: 'committed' | 'sent' | 'handled' | undefined;
  /** Of a publisher: how far each key is counted. */
  perKey: number;
  /** Of a consumer: how many of a hundred attempts fail after their effect. */
  failPercent: number;
  /** Decides which of them. */
  seed?: number;
}

/** The job of this process, where a test started it as a worker. */
export const job: Job | undefined = ownRole === undefined ? undefined : JSON.parse(ownRole);

/** Publishes or handles the events of the tests. One that is started again goes on where the last was killed. */
export async function runWorker({ role, kill, perKey, failPercent, seed = 0 }: Job): Promise<void> {
  const app = await buildApp({ env: process.env, destination: { write() {} } });
  if (kill === 'sent') dieAfterSending(app);
  else if (kill) dieAfterCommit(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  if (role === 'publisher') await publishAll(app, perKey);
  else handleAll(app, failPercent, chanceOf(seed));
}

/** Milliseconds after which an event is delivered again that a killed worker had. */
export const ackWaitMs = 1_000;

const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

function dieAfterSending(app: FastifyInstance): void {
  const send = app.broker.publish.bind(app.broker);
  app.broker.publish = async (...message) => {
    await send(...message);
    die();
  };
}

function dieAfterCommit(app: FastifyInstance): void {
  const commit = app.database.transaction.bind(app.database);
  app.database.transaction = async (work) => {
    const result = await commit(work);
    if (result === 'published' || result === 'handled') die();
    return result;
  };
}

/** Counts keys up, each number in one transaction with its event, until all have their share. */
async function publishAll(app: FastifyInstance, perKey: number): Promise<void> {
  for (let result = ''; result !== 'none left'; ) {
    result = await app.database.transaction(async (tx) => {
      const { rows } = await tx.query<{ key: string; n: number }>(
        `update test_counters set n = n + 1
         where key = (select key from test_counters where n < $1 order by random() limit 1) and n < $1
         returning key, n`,
        [perKey],
      );
      const [change] = rows;
      if (change) await publish(tx, counted, change, { key: change.key });
      else if ((await tx.query('select 1 from test_counters where n < $1', [perKey])).rowCount === 0)
        return 'none left';
      return 'published';
    });
  }
}

function handleAll(app: FastifyInstance, failPercent: number, chance: () => number): void {
  const consumer = new Consumer({
    app,
    broker: app.broker,
    metrics: app.eventMetrics,
    subscription: subscribe(counted, async ({ data }, { tx }) => {
      await tx.query('insert into test_effects (key, n) values ($1, $2)', [data.key, data.n]);
      if (chance() * 100 < failPercent) throw new Error('by chance');
    }),
    ackWaitMs,
    retryDelayMs: 20,
    drainMs: 5_000,
  });
  consumer.start();
  process.once('SIGTERM', async () => {
    await consumer.stop();
    await app.close();
    process.exit(0);
  });
}
