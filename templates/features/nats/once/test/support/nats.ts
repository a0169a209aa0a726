import { after } from 'node:test';
import { type NatsServer, startNats } from '../../scripts/nats/server.ts';

/** A NATS of its own for one test file, to publish to, to kill and to start again; gone after the file. */
export async function testNats(configuration?: string): Promise<NatsServer> {
  const program = process.env.NATS_SERVER;
  if (!program) throw new Error('No nats-server: run the tests with `npm test`, which finds one, or set NATS_SERVER');
  const server = await startNats(program, configuration);
  after(() => server.stop());
  return server;
}
