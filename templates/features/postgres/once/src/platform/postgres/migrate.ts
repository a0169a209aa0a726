import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type pg from 'pg';
import { Problem } from '../problem.ts';
import { advisoryLocks } from './advisory-locks.ts';
import { commit } from './commit.ts';
import { inTurn } from './in-turn.ts';
import { type Migration, readMigrations } from './migration.ts';
import { createPool } from './pool.ts';
import { asProblem, codeOf } from './problems.ts';

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const undefinedTable = '42P01';
/** A lock was not to be had in time, or only by a deadlock. */
const heldUp = ['55P03', '40P01'];

export interface MigrateOptions {
  url: string;
  /** Shown in `pg_stat_activity`. */
  name: string;
  /** Where the `.sql` files are. */
  folder: string;
  /** Milliseconds that a statement waits for a lock: for so long, others wait behind it. */
  lockTimeoutMs: number;
  /** Milliseconds after which a migration that gets no lock is given up. */
  giveUpMs: number;
  log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
}

/**
 * Applies the files that this database has not seen, in the order of their names; any number of processes may do so at
 * once. Each is a transaction, unless its first line says `-- no transaction`: one that fails leaves nothing behind, and
 * those before it stay. Returns the names of the files that were applied.
 */
export const migrate = (options: MigrateOptions): Promise<string[]> =>
  withPool(options, async (pool) => {
    const migrations = await readMigrations(options.folder);
    // Mostly there is nothing to do, and then nobody takes turns.
    if ((await missingOf(pool, migrations)).length === 0) return [];
    return inTurn(pool, advisoryLocks.migrations, async () => {
      await pool.query(
        'create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())',
      );
      const applied: string[] = [];
      for (const migration of await missingOf(pool, migrations)) {
        const startedAt = performance.now();
        if (!(await applyPatiently(pool, migration, options))) continue;
        const seconds = Math.round(performance.now() - startedAt) / 1_000;
        options.log.info({ migration: migration.name, seconds }, 'database migrated');
        applied.push(migration.name);
      }
      return applied;
    });
  });

/** Names of the files that this database has not seen. */
export const missingMigrations = (options: Pick<MigrateOptions, 'url' | 'name' | 'folder'>): Promise<string[]> =>
  withPool(options, async (pool) => {
    const missing = await missingOf(pool, await readMigrations(options.folder));
    return missing.map(({ name }) => name);
  });

/** Two connections without a limit for statements: one holds the turn, one works, for as long as a large table takes. */
async function withPool<T>(
  { url, name }: Pick<MigrateOptions, 'url' | 'name'>,
  work: (pool: pg.Pool) => Promise<T>,
): Promise<T> {
  const pool = createPool({ url, name, max: 2, waitMs: 10_000, onError() {} });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

async function missingOf(pool: pg.Pool, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await pool.query<{ name: string }>('select name from schema_migrations').catch((error) => {
    if (codeOf(error) === undefinedTable) return { rows: [] };
    throw error;
  });
  const known = new Set(rows.map(({ name }) => name));
  return migrations.filter(({ name }) => !known.has(name));
}

/** Tries again while others hold the locks that it needs, with pauses in which those who came later get theirs. */
async function applyPatiently(pool: pg.Pool, migration: Migration, options: MigrateOptions): Promise<boolean> {
  const { giveUpMs, log } = options;
  const deadline = Date.now() + giveUpMs;
  for (let pause = 200; ; pause = Math.min(pause * 2, 10_000)) {
    try {
      return await apply(pool, migration, options);
    } catch (cause) {
      const isHeldUp = heldUp.includes(codeOf(cause) ?? '');
      if (isHeldUp && Date.now() + pause < deadline) {
        log.warn(
          { migration: migration.name, pause_ms: pause },
          'others hold the locks of a migration: it tries again',
        );
        await wait(pause * (0.5 + Math.random() / 2));
        continue;
      }
      // A broken connection is no fault of the file.
      if (!isHeldUp && asProblem(cause) instanceof Problem) throw cause;
      const hint = isHeldUp ? '; pg_stat_activity and pg_locks tell who holds it' : '';
      throw new Error(`Migration ${migration.name} failed: ${(cause as Error).message}${hint}`, { cause });
    }
  }
}

/** @returns false where somebody else has applied it meanwhile. */
const apply = (pool: pg.Pool, migration: Migration, options: MigrateOptions): Promise<boolean> =>
  migration.inTransaction ? applyAtOnce(pool, migration, options) : applyInParts(pool, migration);

async function applyAtOnce(pool: pg.Pool, { name, parts }: Migration, options: MigrateOptions): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query(`begin; set local lock_timeout = ${options.lockTimeoutMs}`);
    // First of all: should the turn have been lost with its connection, the other one waits here.
    const isOurs = await record(client, name);
    for (const sql of isOurs ? parts : []) await client.query(sql);
    await commit(client);
    return isOurs;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** What stops half-way is begun anew, so each statement must be safe to repeat. */
async function applyInParts(pool: pg.Pool, { name, parts }: Migration): Promise<boolean> {
  for (const sql of parts) await pool.query(sql);
  return record(pool, name);
}

async function record(queries: pg.Pool | pg.ClientBase, name: string): Promise<boolean> {
  const { rowCount } = await queries.query(
    'insert into schema_migrations (name) values ($1) on conflict (name) do nothing',
    [name],
  );
  return rowCount === 1;
}
