import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, median, type Row } from './bench.ts';
import { buildSagaService, startPostgres, startPostgresPair } from './saga-service.ts';
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
  subject: 'service',
  how: 'Three replicas, killed (SIGKILL), rolled out (SIGTERM) and frozen at random while the services they call fail, lose answers and refuse at random; halfway PostgreSQL fails over to a synchronous standby. Any seed must pass (`SEED=…` repeats one, `SAGAS=` and `KILLS=` say how many). Speed: 16 sagas at a time through one replica, and through the same three steps written directly on DBOS, in short turns; medians of the ratios of each turn.',
  async run(tell) {
    tell('making a service with one saga');
    const folder = buildSagaService();
    const postgres = await startPostgres(folder);
    try {
      const price = await measurePrice(folder, postgres.url, tell);
      const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
      const [sagas, kills] = [Number(process.env.SAGAS ?? 500), Number(process.env.KILLS ?? 50)];
      tell(`torture, seed ${seed}`);
      const pair = await startPostgresPair(folder);
      const done = await torture(folder, pair, { seed, sagas, kills, tell }).finally(() => pair.remove());
      const { rollouts, freezes, completed, compensated, calls } = done;
      return [
        { what: `Sagas (seed ${seed})`, result: `${sagas}: ${completed} completed, ${compensated} compensated` },
        {
          what: 'Processes killed, rolled out, and frozen for longer than their lease; one failover of the database',
          result: `${done.kills}, ${rollouts}, ${freezes}`,
        },
        { what: 'Calls made for them', result: String(calls) },
        none('Sagas lost', done.lost),
        none('Sagas stuck', done.stuck),
        none('Effects that happened twice', done.twice),
        none('Confirmed but undone, or undone but still standing', done.wrong),
        none('Undone although no service refused', done.needless),
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
  const own = { folder, program: 'dist/main.js' };
  const started = {
    direct: await startMeasured({ folder, program: 'direct-dbos.mjs', database: url('direct') }),
    ours: await startMeasured({ ...own, database: url('ours') }),
    traced: await startMeasured({ ...own, database: url('traced'), traced: true }),
  };
  const turns: Record<keyof typeof started, Speed>[] = [];
  try {
    for (const measured of Object.values(started)) await measured.run(warmUp);
    // All are up all the time and take short turns, so that whatever else this machine does befalls all of them.
    for (let round = 1; round <= rounds; round += 1) {
      const order = Object.entries(started);
      const turn = new Map<string, Speed>();
      for (const [name, measured] of round % 2 === 0 ? order : order.reverse())
        turn.set(name, await measured.run(sagasARound));
      const speeds = Object.fromEntries(turn) as Record<keyof typeof started, Speed>;
      turns.push(speeds);
      tell(
        `round ${round}: ${order.map(([name]) => `${name} ${turn.get(name)?.perSecond.toFixed(0)}`).join(', ')} a second`,
      );
    }
  } finally {
    for (const measured of Object.values(started)) await measured.stop();
  }
  const perSecond = (name: 'ours' | 'traced') => turns.map((turn) => turn[name].perSecond / turn.direct.perSecond);
  const scale = median(turns.map(({ ours }) => ours.perSecond));
  const scaleMs = median(turns.map(({ ours }) => ours.medianMs));
  return [
    atLeast('Sagas per second, against DBOS used directly', 0.9, perSecond('ours')),
    atLeast(
      'Median latency (theirs ÷ ours)',
      0.9,
      turns.map(({ ours, direct }) => direct.medianMs / ours.medianMs),
    ),
    { what: 'Sagas per second, every saga traced', result: `${median(perSecond('traced')).toFixed(2)} ×` },
    { what: 'for scale: ours here', result: `${scale.toFixed(0)} sagas a second, ${scaleMs.toFixed(0)} ms` },
  ];
}

function atLeast(what: string, limit: number, ratios: readonly number[]): Row {
  const ratio = median(ratios);
  return { what, result: `${ratio.toFixed(2)} ×`, target: `≥ ${limit} ×`, met: ratio >= limit };
}
