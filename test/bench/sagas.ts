import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, median, type Row } from './bench.ts';
import { buildSagaService, startPostgres } from './saga-service.ts';
import { measureSpeed } from './saga-speed.ts';
import { torture } from './saga-torture.ts';

const rounds = 5;

const none = (what: string, ids: readonly string[]): Row => ({
  what,
  result: ids.length === 0 ? '0' : `${ids.length}: ${ids.slice(0, 3).join(', ')}`,
  target: '0',
  met: ids.length === 0,
});

export const bench: Bench = {
  id: 'sagas',
  title: 'Sagas under torture, and their price',
  how: 'Three replicas, killed (SIGKILL) and frozen at random while the services they call fail, lose answers and refuse at random; any seed must pass (`SEED=…` repeats one). Speed: one replica, 16 sagas at a time, beside the same three steps written directly on DBOS, in turn; medians of the ratios.',
  async run(tell) {
    tell('making a service with one saga');
    const folder = buildSagaService();
    const postgres = await startPostgres(folder);
    try {
      const price = await measurePrice(folder, postgres.url, tell);
      const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
      tell(`torture, seed ${seed}`);
      const done = await torture(folder, postgres.url('ours'), { seed, sagas: 500, kills: 50, tell });
      const { sagas, kills, freezes, completed, compensated, calls } = done;
      return [
        { what: `Sagas (seed ${seed})`, result: `${sagas}: ${completed} completed, ${compensated} compensated` },
        { what: 'Processes killed, and frozen for longer than their lease', result: `${kills}, ${freezes}` },
        { what: 'Calls made for them', result: String(calls) },
        none('Sagas lost', done.lost),
        none('Sagas stuck', done.stuck),
        none('Effects that happened twice', done.twice),
        none('Confirmed but undone, or undone but still standing', done.wrong),
        ...price,
      ];
    } finally {
      await postgres.remove();
    }
  },
};

async function measurePrice(
  folder: string,
  url: (database: string) => string,
  tell: (line: string) => void,
): Promise<Row[]> {
  copyFileSync(new URL('direct-dbos.mjs', import.meta.url), join(folder, 'direct-dbos.mjs'));
  const perSecond: number[] = [];
  const latency: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const direct = await measureSpeed(folder, 'direct-dbos.mjs', url('direct'));
    const ours = await measureSpeed(folder, 'dist/main.js', url('ours'));
    tell(`round ${round}: ${ours.perSecond.toFixed(0)} sagas/s, directly ${direct.perSecond.toFixed(0)}`);
    perSecond.push(ours.perSecond / direct.perSecond);
    latency.push(direct.medianMs / ours.medianMs);
  }
  return [
    atLeast('Sagas per second, against DBOS used directly', 0.9, perSecond),
    atLeast('Median latency (theirs ÷ ours)', 0.9, latency),
  ];
}

function atLeast(what: string, limit: number, ratios: readonly number[]): Row {
  const ratio = median(ratios);
  return { what, result: `${ratio.toFixed(2)} ×`, target: `≥ ${limit} ×`, met: ratio >= limit };
}
