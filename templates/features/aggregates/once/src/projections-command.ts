import { join } from 'node:path';
import { service } from './identity.ts';
import { isProjection, type Projection } from './platform/event-store/projection.ts';
import { rebuild } from './platform/event-store/projector.ts';
import { importFolder } from './platform/import-folder.ts';
import { Database } from './platform/postgres/database.ts';
import { createPool } from './platform/postgres/pool.ts';
import { saidOf } from './platform/postgres/problems.ts';
import { root } from './root.ts';
import postgresSettings from './settings/postgres.ts';

const usage = `Usage: npm run projections -- <command>     (in the image: node dist/projections-command.js <command>)

  list             the projections of this service
  rebuild <name>   makes one anew from all events; readers see the old one until it is complete
`;

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${saidOf(error)}\n`);
  return 1;
});

async function main([command, name, ...more]: string[]): Promise<number> {
  const isList = command === 'list' && name === undefined;
  const isRebuild = command === 'rebuild' && name !== undefined && more.length === 0;
  if (!isList && !isRebuild) {
    process.stderr.write(usage);
    return 2;
  }
  const projections = (await importFolder<Projection>(join(root, 'projections'))).filter(isProjection);
  if (isList) {
    for (const { name: known, mode, reset } of projections) {
      process.stdout.write(`${known}  ${mode}${reset ? '' : '  cannot be rebuilt'}\n`);
    }
    return 0;
  }
  const projection = projections.find((one) => one.name === name);
  if (!projection) throw new Error(`There is no projection "${name}": see "list".`);
  const { databaseUrl: url, waitMs } = postgresSettings(process.env);
  const pool = createPool({ url, name: `${service.name} projections command`, max: 1, waitMs, onError() {} });
  try {
    const count = await rebuild(new Database(pool), projection, 500);
    process.stdout.write(`${projection.name} rebuilt from ${count} events\n`);
    return 0;
  } finally {
    await pool.end();
  }
}
