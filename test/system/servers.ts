import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Started below the gateway of a system that was made: the servers that its services bring for development, for as long
// as whoever started this is there. The folder of the system is its argument.
const [folder = ''] = process.argv.slice(2);
const stops: (() => Promise<unknown>)[] = [];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', async () => {
  for (const stop of stops.reverse()) await stop().catch((error: unknown) => console.error(error));
  process.exit();
});

/** A script of one of the services, with what that one has installed. */
const script = (service: string, path: string) => import(pathToFileURL(join(folder, service, 'scripts', path)).href);

const { startPostgres } = await script('orders', 'postgres/server.ts');
const { createDatabase, dropDatabase, dropAbandonedDatabases, testDatabaseName } = await script(
  'orders',
  'postgres/databases.ts',
);
const postgres = await startPostgres();
stops.push(() => postgres.release());
const admin = postgres.url('postgres');
await dropAbandonedDatabases(admin);
const databases: Record<string, string> = {};
for (const service of ['inventory', 'payments', 'notifications', 'orders']) {
  const name = testDatabaseName(service);
  await createDatabase(admin, name);
  stops.push(() => dropDatabase(admin, name));
  databases[service] = postgres.url(name);
}

const { findNatsServer } = await script('orders', 'nats/find-program.ts');
const { startNats } = await script('orders', 'nats/server.ts');
const nats = await startNats(await findNatsServer((line: string) => console.error(line)));
stops.push(() => nats.stop());

const { startRedis } = await script('gateway', 'redis/server.ts');
const redis = await startRedis();
stops.push(() => redis.stop());

const { startIdentityProvider } = await script('gateway', 'auth/provider.ts');
const provider = await startIdentityProvider();
stops.push(() => provider.stop());

process.send?.({ databases, nats: nats.url, redis: redis.url, issuer: provider.issuer });
