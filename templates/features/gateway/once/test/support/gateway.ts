import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { Environment } from '../../src/platform/settings.ts';
import { startApp, type TestApp } from './app.ts';

export interface TestGateway extends TestApp {
  /** Writes the file with the routes anew. */
  write(routes: string): Promise<void>;
}

/** The gateway with routes of its own; `upstreams` says where their services are. */
export async function startGateway(
  t: TestContext,
  routes: string,
  upstreams: Record<string, { url: string }>,
  env: Environment = {},
): Promise<TestGateway> {
  const { file, write } = await routesFile(t, routes);
  const app = await startApp(t, { env: { ROUTES_FILE: file, ...addresses(upstreams), ...env } });
  return { ...app, write };
}

export async function routesFile(t: TestContext, routes: string) {
  const folder = await mkdtemp(join(tmpdir(), 'routes-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'routes.yaml');
  const write = (content: string) => writeFile(file, content);
  await write(routes);
  return { file, write };
}

export const addresses = (upstreams: Record<string, { url: string }>): Record<string, string> =>
  Object.fromEntries(Object.entries(upstreams).map(([service, { url }]) => [`${service.toUpperCase()}_URL`, url]));

/** Sends exactly these bytes, as no client library would. @returns all that comes back until the gateway closes. */
export function sendRaw(url: string, bytes: string): Promise<string> {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.write(Buffer.from(bytes, 'latin1'));
  return text(socket).catch(() => '');
}

/** Status of the first answer in what `sendRaw` brought. */
export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
