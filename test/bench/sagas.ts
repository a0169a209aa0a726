import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, median, type Row } from './bench.ts';
import { buildSagaService, startPostgres } from './saga-service.ts';
import { type Speed, startMeasured } from './saga-speed.ts';
import { torture } from './saga-torture.ts';

const rounds = 21;
const sagasARound = 160;
const warmUp = 400;

const none = (what: string, ids: readonly string[]): Row => ({
  what,
  result: ids.length === 0 ? '0' : `${ids.length}: ${ids.slice(0, 3).join(', ')}`,
  target: '0',
  met: ids.length === 0,
});

export const bench: Bench = {
  id: 'sagas',
  title: 'Sagas under torture, and their price',
  how: 'Three replicas, killed (SIGKILL) and frozen at random while the services they call fail, lose answers and refuse at random; any seed must pass (`SEED=…` repeats one). Speed: 16 sagas at a time through one replica and through the same three steps written directly on DBOS, in short turns; medians of the ratios of each turn.',
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
  const direct = await startMeasured(folder, 'direct-dbos.mjs', url('direct'));
  const ours = await startMeasured(folder, 'dist/main.js', url('ours'));
  const pairs: { ours: Speed; direct: Speed }[] = [];
  try {
    for (const measured of [direct, ours]) await measured.run(warmUp);
    // Both are up all the time and take short turns, so that whatever else this machine does befalls both.
    for (let round = 1; round <= rounds; round += 1) {
      const first = round % 2 === 0 ? await direct.run(sagasARound) : undefined;
      const own = await ours.run(sagasARound);
      const theirs = first ?? (await direct.run(sagasARound));
      pairs.push({ ours: own, direct: theirs });
      tell(`round ${round}: ${own.perSecond.toFixed(0)} sagas/s, directly ${theirs.perSecond.toFixed(0)}`);
    }
  } finally {
    await direct.stop();
    await ours.stop();
  }
  const scale = median(pairs.map(({ ours }) => ours.perSecond));
  const medianMs = median(pairs.map(({ ours }) => ours.medianMs));
  return [
    atLeast(
      'Sagas per second, against DBOS used directly',
      0.9,
      pairs.map(({ ours, direct }) => ours.perSecond / direct.perSecond),
    ),
    atLeast(
      'Median latency (theirs ÷ ours)',
      0.9,
      pairs.map(({ ours, direct }) => direct.medianMs / ours.medianMs),
    ),
    { what: 'for scale: ours here', result: `${scale.toFixed(0)} sagas a second, ${medianMs.toFixed(0)} ms` },
  ];
}

function atLeast(what: string, limit: number, ratios: readonly number[]): Row {
  const ratio = median(ratios);
  return { what, result: `${ratio.toFixed(2)} ×`, target: `≥ ${limit} ×`, met: ratio >= limit };
}
