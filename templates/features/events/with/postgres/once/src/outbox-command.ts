import type pg from 'pg';
import { service } from './identity.ts';
import { dropParked, listParked, type Parked, retryParked } from './platform/events/parked.ts';
import { createPool } from './platform/postgres/pool.ts';
import { saidOf } from './platform/postgres/problems.ts';
import postgresSettings from './settings/postgres.ts';

const usage = `Usage: npm run outbox -- <command>     (in the image: node dist/outbox-command.js <command>)

  list                       events that the broker refused for good, the oldest first
  retry <number>… | --all    has them sent again, once what was wrong is mended; they come late, after others of their key
  drop <number>…             removes them: nobody will ever get them
`;

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${saidOf(error)}\n`);
  return 1;
});

async function main([command, ...args]: string[]): Promise<number> {
  const isAll = args.length === 1 && args[0] === '--all';
  const isNumbers = args.length > 0 && args.every((arg) => /^[1-9]\d{0,17}$/.test(arg));
  const isKnown =
    (command === 'list' && args.length === 0) ||
    (command === 'retry' && (isAll || isNumbers)) ||
    (command === 'drop' && isNumbers);
  if (!isKnown) {
    process.stderr.write(usage);
    return 2;
  }
  const { databaseUrl: url, waitMs } = postgresSettings(process.env);
  const pool = createPool({ url, name: `${service.name} outbox command`, max: 1, waitMs, onError() {} });
  try {
    const parked = await listParked(pool);
    if (command === 'list') return tell(parked);
    return await change(pool, command === 'drop' ? 'drop' : 'retry', isAll ? parked.map(({ id }) => id) : args);
  } finally {
    await pool.end();
  }
}

function tell(parked: readonly Parked[]): number {
  for (const { id, subject, event_id, parked_at, reason } of parked) {
    const line = `${id}  ${subject}  ${event_id}  ${parked_at.toISOString()}  ${reason}`;
    // From outside: nothing in it may move the cursor.
    process.stdout.write(`${line.replace(/[\p{C}]/gu, ' ')}\n`);
  }
  process.stdout.write(`${parked.length} parked event${parked.length === 1 ? '' : 's'}\n`);
  return 0;
}

async function change(pool: pg.Pool, how: 'retry' | 'drop', ids: readonly string[]): Promise<number> {
  const done = how === 'retry' ? await retryParked(pool, ids) : await dropParked(pool, ids);
  for (const id of done) process.stdout.write(`${id} ${how === 'retry' ? 'is sent again' : 'is dropped'}\n`);
  const missing = ids.find((id) => !done.includes(id));
  if (missing !== undefined) throw new Error(`There is no parked event ${missing}: see "list".`);
  return 0;
}
