import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { freePort } from '../../templates/features/servers/once/scripts/free-port.ts';
import { grpcTools } from './support/grpc-tools.ts';
import { linkDeclared } from './support/link-declared.ts';
import { makeService } from './support/make-service.ts';
import { runScript } from './support/running-service.ts';
import { serviceEnvironment } from './support/service-environment.ts';
import { temporaryFolder } from './support/service-project.ts';

const { path, everything } = inject('generated');
const tools = await grpcTools(process.env, (line) => process.stderr.write(`grpc-tools: ${line}\n`));
if ('missing' in tools) process.stderr.write(`grpc-tools: skipped: ${tools.missing}\n`);
const folder = 'missing' in tools ? undefined : tools.folder;

/** What it printed, and what it ended with. */
async function run(program: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const done = promisify(execFile)(join(folder as string, program), args);
  return done.then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code, said: stdout + stderr }),
  );
}

test.skipIf(folder === undefined)('tools of others can ask a gRPC service what it has and how it is', async () => {
  const env = serviceEnvironment(path);
  const wanted = { name: 'stock-service', preset: 'grpc', commands: [] };
  const cwd = await makeService(wanted, await temporaryFolder());
  await linkDeclared(cwd, everything);
  const port = await freePort();
  const service = await runScript('dev', { cwd, env: { ...env, RPC_PORT: String(port) } });
  const address = `127.0.0.1:${port}`;
  const grpcurl = (...args: string[]) => run('grpcurl', '-plaintext', ...args);
  const probe = (...args: string[]) => run('grpc-health-probe', `-addr=${address}`, ...args);

  const name = 'stock_service.v1.StockService';
  const listed = await grpcurl(address, 'list');
  expect(listed.said.trim().split('\n').sort()).toEqual([
    'grpc.health.v1.Health',
    'grpc.reflection.v1.ServerReflection',
    name,
  ]);
  expect((await grpcurl(address, 'describe', `${name}.GetItem`)).said).toContain('rpc GetItem (');

  const put = await grpcurl('-d', '{"item":{"id":"bolt","quantity":3}}', address, `${name}/PutItem`);
  expect(JSON.parse(put.said)).toEqual({ item: { id: 'bolt', quantity: 3 } });
  const got = await grpcurl('-d', '{"id":"bolt"}', address, `${name}/GetItem`);
  expect(JSON.parse(got.said)).toEqual(JSON.parse(put.said));
  // An error with its details, as they are in the trailer.
  const none = await grpcurl('-d', '{"id":"nut"}', address, `${name}/GetItem`);
  expect(none).toMatchObject({ code: 64 + 5, said: expect.stringContaining('"reason": "ITEM_NOT_FOUND"') });
  // A stream without an end, which the deadline ends after what came in time.
  const watched = await grpcurl('-max-time', '1', '-d', '{"id":"bolt"}', address, `${name}/WatchItem`);
  expect(watched).toMatchObject({ code: 64 + 4, said: expect.stringContaining('"quantity": 3') });

  expect(await probe()).toMatchObject({ code: 0, said: expect.stringContaining('SERVING') });
  expect((await probe('-service=nobody')).code).not.toBe(0);
  await service.interrupt();
  expect((await probe()).code).not.toBe(0);
});
