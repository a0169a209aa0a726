import { buildApp } from '../../src/app.ts';
import { defineProjection } from '../../src/platform/event-store/projection.ts';
import { catchUp, rebuild } from '../../src/platform/event-store/projector.ts';
import { append } from '../../src/platform/event-store/store.ts';
import { account } from './account.ts';

/** What a worker does, and the moment at which it kills itself:
 *
 * answer     a command is committed, its caller has no answer
 * commit     events are appended and not committed
 * catch-up   a projection has handled half of a batch
 * rebuild    a projection has handled half of all events anew
 */
export type Death = 'answer' | 'commit' | 'catch-up' | 'rebuild';

/** Writes down each event that it sees. `before` may kill the process. */
export const seen = (before: (version: number) => void = () => {}) =>
  defineProjection({
    name: 'seen',
    mode: 'catch-up',
    aggregates: ['account'],
    async handle(events, tx) {
      for (const { version } of events) {
        before(version);
        await tx.query('insert into test_seen (version) values ($1)', [version]);
      }
    },
    async reset(tx) {
      await tx.query('delete from test_seen');
    },
  });

export async function die(how: Death): Promise<void> {
  const { database, eventStore } = await buildApp({ env: process.env, destination: { write() {} } });
  const kill = (): void => void process.kill(process.pid, 'SIGKILL');
  const halfWay = seen((version) => version === 5 && kill());
  switch (how) {
    case 'answer':
      await eventStore.execute(account, 'a', 1, { commandId: 'deposit-1' });
      return kill();
    case 'commit':
      return database.transaction(async (tx) => {
        const events = [{ type: 'Deposited', data: { amount: 1 } }];
        await append(tx, { aggregate: account, id: 'b', expectedVersion: 0, events });
        kill();
      });
    case 'catch-up':
      return void (await catchUp(database, halfWay, 100));
    case 'rebuild':
      return void (await rebuild(database, halfWay, 100));
  }
}
