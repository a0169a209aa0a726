import { DBOSClient } from '@dbos-inc/dbos-sdk';
import type pg from 'pg';
import { service } from './identity.ts';
import { resumeSaga } from './platform/dbos/resume.ts';
import { describeSaga, isStuck } from './platform/dbos/status.ts';
import { stuck, underWay, type WorkflowStatus } from './platform/dbos/workflows.ts';
import { createPool } from './platform/postgres/pool.ts';
import { asProblem } from './platform/postgres/problems.ts';
import postgresSettings from './settings/postgres.ts';

const usage = `Usage: npm run sagas -- <command>     (in the image: node dist/sagas-command.js <command>)

  list                          sagas that are under way or stuck
  resume <saga> [--version v]   lets a stuck saga go on, once what held it up is mended;
                                --version: with that version of the code (src/sagas/version.ts)
`;

const silent = { info() {}, debug() {}, warn() {}, error() {} };
const undefinedTable = '42P01';

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  return 1;
});

async function main([command, name, flag, version]: string[]): Promise<number> {
  const isList = command === 'list' && name === undefined;
  const isResume =
    command === 'resume' && name !== undefined && (flag === undefined || (flag === '--version' && version));
  if (!isList && !isResume) {
    process.stderr.write(usage);
    return 2;
  }
  const { databaseUrl: url, waitMs } = postgresSettings(process.env);
  const pool = createPool({ url, name: `${service.name} sagas command`, max: 2, waitMs, onError() {} });
  // The engine would wait for a database that is away for as long as it is.
  await pool.query('select 1').catch((error) => Promise.reject(asProblem(error)));
  const engine = { systemDatabaseUrl: url, systemDatabasePool: pool, applicationName: service.name, logger: silent };
  const client = await DBOSClient.create(engine);
  try {
    return isList ? await list(client) : await resume(pool, client, name as string, version);
  } catch (error) {
    if ((error as { code?: string }).code !== undefinedTable) throw error;
    throw new Error('This database has no sagas yet: the service makes their tables when it starts.');
  } finally {
    await client.destroy();
    await pool.end();
  }
}

async function list(client: DBOSClient): Promise<number> {
  const sagas = await client.listWorkflows({ status: [...underWay, ...stuck], limit: 1_000 });
  for (const saga of sagas) process.stdout.write(`${line(saga)}\n`);
  process.stdout.write(`${sagas.length} under way or stuck\n`);
  return 0;
}

async function resume(pool: pg.Pool, client: DBOSClient, id: string, version: string | undefined): Promise<number> {
  const [saga] = await client.listWorkflows({ workflowIDs: [id] });
  if (!saga) throw new Error(`There is no saga "${id}". Its full name is <saga>:<id>, as "list" shows it.`);
  if (saga.status === 'SUCCESS') throw new Error(`${id} has ended: there is nothing to resume.`);
  if (!isStuck(saga) && version === undefined)
    throw new Error(`${id} is not stuck: it is ${saga.status.toLowerCase()}.`);
  await resumeSaga(pool, client, saga, version);
  process.stdout.write(`${id} goes on\n`);
  return 0;
}

function line(workflow: WorkflowStatus): string {
  const { since, reason } = describeSaga(workflow);
  const state = isStuck(workflow) ? 'stuck' : 'under way';
  const version = `version ${workflow.applicationVersion ?? '?'}`;
  return [workflow.workflowID, state, `since ${since}`, version, reason].filter(Boolean).join('  ');
}
