import type { TestContext } from 'node:test';
import { freePort } from '../../scripts/free-port.ts';
import { type NatsServer, startNats } from '../../scripts/nats/server.ts';
import { type StoredEvents, storedAt } from './broker.ts';

/** Three NATS servers that keep each event together, as in production; gone after the test. */
export async function startNatsCluster(t: TestContext): Promise<StoredEvents & { servers: NatsServer[] }> {
  const program = process.env.NATS_SERVER;
  if (!program) throw new Error('No nats-server: run the tests with `npm test`, which finds one, or set NATS_SERVER');
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const routes = ports.map((port) => `nats-route://127.0.0.1:${port}`).join(', ');
  const servers: NatsServer[] = [];
  for (const port of ports) {
    const cluster = `cluster { name: test, listen: "127.0.0.1:${port}", routes: [${routes}] }`;
    const server = await startNats(program, `server_name: "at-${port}"\n${cluster}\n`);
    t.after(() => server.stop());
    servers.push(server);
  }
  const urls = servers.map(({ url }) => url).join(',');
  return { ...storedAt({ NATS_URL: urls, NATS_STREAM_REPLICAS: `${servers.length}` }), servers };
}
