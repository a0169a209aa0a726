import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../src/app.ts';
import type { Environment } from '../../src/platform/settings.ts';

export interface TestApp {
  app: FastifyInstance;
  /** `http://127.0.0.1:port` of the listening service. */
  url: string;
  /** What it logged, parsed. */
  logs: Record<string, unknown>[];
}

interface TestAppOptions {
  env?: Environment;
  /** Registers routes or checks that only this test needs. */
  extend?: (app: FastifyInstance) => Promise<void>;
}

/** The whole service, listening on a free port of this machine, closed after the test. */
export async function startApp(t: TestContext, { env = {}, extend }: TestAppOptions = {}): Promise<TestApp> {
  const logs: TestApp['logs'] = [];
  const destination = { write: (line: string) => void logs.push(JSON.parse(line)) };
  const app = await buildApp({
    env: { NODE_ENV: 'test', ...process.env, ...env },
    destination,
    ...(extend ? { extend } : {}),
  });
  // A request that a failed test has left behind would keep the file from ending, and from saying why.
  t.after(() => {
    app.server.closeAllConnections();
    return app.close();
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, url, logs };
}
