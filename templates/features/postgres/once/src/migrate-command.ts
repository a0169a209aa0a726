import { join } from 'node:path';
import { service } from './identity.ts';
import { createLogger } from './platform/logging.ts';
import { migrate } from './platform/postgres/migrate.ts';
import { untilMigrated } from './platform/postgres/until-migrated.ts';
import { untilReachable } from './platform/postgres/until-reachable.ts';
import { root } from './root.ts';
import postgresSettings from './settings/postgres.ts';

const usage = `Usage: npm run migrate [-- --wait]     (in the image: node dist/migrate-command.js [--wait])

Applies the files in src/migrations/ that the database has not seen.

  --wait   applies nothing: waits, for as long as it takes, until another process has
`;

// As process 1 of a container it would not notice them. What it is at is undone, and a Job that was ended is not complete.
process.on('SIGTERM', () => process.exit(143)).on('SIGINT', () => process.exit(130));

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  return 1;
});

async function main([flag, ...more]: string[]): Promise<number> {
  if (more.length > 0 || (flag !== undefined && flag !== '--wait')) {
    process.stderr.write(usage);
    return 2;
  }
  const settings = postgresSettings(process.env);
  const log = createLogger('info', process.stdout);
  const name = `${service.name} migrations`;
  const options = { ...settings, url: settings.databaseUrl, name, folder: join(root, 'migrations'), log };
  const work = async () => void (await (flag === '--wait' ? untilMigrated(options) : migrate(options)));
  await untilReachable(work, { timeoutMs: settings.startTimeoutMs, log });
  log.info('the database has every migration of this version');
  return 0;
}
