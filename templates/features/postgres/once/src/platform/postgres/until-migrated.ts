import { setTimeout as wait } from 'node:timers/promises';
import { type MigrateOptions, missingMigrations } from './migrate.ts';

/**
 * Waits until another process has applied every migration of this version.
 * @throws where that takes longer than `timeoutMs`
 */
export async function untilMigrated(
  options: Pick<MigrateOptions, 'url' | 'name' | 'folder' | 'log'>,
  timeoutMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (let isTold = false; ; ) {
    const missing = await missingMigrations(options);
    if (missing.length === 0) return;
    if (Date.now() >= deadline) {
      throw new Error(
        `The database lacks the migrations of this version: ${missing.join(', ')}. ` +
          'DATABASE_MIGRATE is "job": see whether `npm run migrate` runs, and how far it is',
      );
    }
    if (!isTold) options.log.info({ migrations: missing }, 'waits until the database is migrated');
    isTold = true;
    await wait(1_000);
  }
}
