import { execFileSync } from 'node:child_process';
import { type Bench, median, type Row } from './bench.ts';
import { makeService } from './make-service.ts';
import { startPostgres } from './saga-service.ts';

const torture = { events: 5_000, kills: 50 };

/** A service that publishes an event and has an aggregate, made as a user would; returns its folder. */
function makeEventService(): string {
  const { folder, msvc, bring } = makeService('events', '--no-install');
  msvc('add-aggregate', 'account', '--events', 'Deposited', '--no-install');
  msvc('add-event', 'orders.created', '--publish');
  bring('events-speed.mjs', 'scripts');
  return folder;
}

const read = (folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string =>
  execFileSync(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** The service's own fault test, with more events and kills. */
function runTorture(folder: string): Row[] {
  const output = read(folder, ['--import', 'tsx', 'scripts/test.ts', '--faults', 'torture'], {
    TORTURE_EVENTS: `${torture.events}`,
    TORTURE_KILLS: `${torture.kills}`,
  });
  const line = /\{"events".*\}/.exec(output)?.[0];
  if (!line) throw new Error(`the torture told nothing:\n${output}`);
  const result = JSON.parse(line) as Record<'events' | 'kills' | 'lost' | 'twice' | 'outOfOrder', number>;
  const none = (what: string, count: number): Row => ({ what, result: `${count}`, target: '0', met: count === 0 });
  return [
    { what: 'Events through outbox and inbox', result: `${result.events}` },
    { what: 'Publishers and consumers killed while at it', result: `${result.kills}` },
    none('Events lost', result.lost),
    none('Effects that happened twice', result.twice),
    none('Out of order within their key', result.outOfOrder),
  ];
}

interface Figures {
  ours: number[];
  needed: number[];
  failing: number[];
  bare: number[];
  commands: number[];
  sql: number[];
  rebuild: { events: number; seconds: number };
}

/** On a PostgreSQL of its own: whoever writes in another database of a shared one would hold readers of events back. */
async function measureSpeed(folder: string): Promise<Row[]> {
  const postgres = await startPostgres(folder);
  const env = { NODE_ENV: 'production', NATS_STREAM_REPLICAS: '1', DATABASE_URL: postgres.url('ours') };
  let output: string;
  try {
    output = read(folder, ['--import', 'tsx', 'scripts/events-speed.mjs'], env);
  } finally {
    await postgres.remove();
  }
  const figures = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Figures;
  const ratio = (ours: number[], theirs: number[]) => median(ours.map((value, round) => value / (theirs[round] ?? 1)));
  const row = (what: string, ours: number[], theirs: number[], least?: number): Row => ({
    what,
    result: `${ratio(ours, theirs).toFixed(2)} × (${median(ours).toFixed(0)} a second)`,
    ...(least && { target: `≥ ${least} ×`, met: ratio(ours, theirs) >= least }),
  });
  const failing = median(figures.failing);
  const { events, seconds } = figures.rebuild;
  return [
    row(
      'Events a second from change to effect, against the two transactions and the publish that they need',
      figures.ours,
      figures.needed,
      0.7,
    ),
    {
      what: 'Events a second over 20 keys where 2 % of the attempts fail',
      result: failing.toFixed(0),
      target: '≥ 1000',
      met: failing >= 1_000,
    },
    row(
      'Events a second from change to effect, against bare JetStream publish and consume',
      figures.ours,
      figures.bare,
    ),
    row('Aggregate commands a second, against the plain SQL that they need', figures.commands, figures.sql, 0.6),
    { what: `Rebuild of a projection from ${events.toLocaleString('en')} events`, result: `${seconds.toFixed(1)} s` },
  ];
}

export const bench: Bench = {
  id: 'events',
  title: 'Events under torture, and what they cost',
  subject: 'service',
  how: 'Torture: two publishers and two consumers, killed (SIGKILL) at random; 2 % of the attempts fail after their effect. Speed: one process, 16 at a time, ours and theirs in turn after one round that does not count; medians of the ratios. What is needed is a change and an effect of one row, each in its transaction, and one publish. Bare JetStream keeps no change and no effect: it is what the two transactions, outbox and inbox, are added to.',
  async run(tell) {
    tell('making a service with an event and an aggregate');
    const folder = makeEventService();
    tell(`torture: ${torture.events} events, ${torture.kills} kills`);
    const rows = runTorture(folder);
    tell('speed');
    return [...rows, ...(await measureSpeed(folder))];
  },
};
