import { pino } from 'pino';
import { openBroker } from '../../src/platform/events/open-broker.ts';
import { testNats } from './nats.ts';

/** Settings of a broker that never answers. */
export const noBroker = { NATS_URL: 'nats://127.0.0.1:1' };

export interface StoredEvents {
  /** The settings by which a service finds them. */
  env: Record<string, string>;
  /** Removes the place of a consumer, so that the next one reads everything again. */
  removeQueue(subject: string, consumer: string): Promise<void>;
}

export interface TestBroker extends StoredEvents {
  kill(): Promise<void>;
  /** Starts it again after `kill`, with all that it had stored. */
  restart(): Promise<void>;
}

/** A broker of its own for one test file, to publish to, to kill and to start again; gone after the file. */
export async function testBroker(): Promise<TestBroker> {
  const { url, kill, restart } = await testNats();
  return { ...storedAt({ NATS_URL: url }), kill, restart };
}

export function storedAt(env: Record<string, string>): StoredEvents {
  return {
    env,
    async removeQueue(subject, consumer) {
      const broker = openBroker(env, pino({ level: 'silent' }));
      try {
        await broker.connected(30_000);
        const { consumers } = await broker.manager();
        await consumers.delete(await broker.stream(subject), consumer);
      } finally {
        await broker.close();
      }
    },
  };
}
