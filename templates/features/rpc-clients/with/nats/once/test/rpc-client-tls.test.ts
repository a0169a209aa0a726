import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServerCredentials } from '@grpc/grpc-js';
import type { ServiceError } from '../src/platform/http-client/service-error.ts';
import { parseTarget } from '../src/platform/rpc-client/target.ts';
import { makeCertificate } from './support/certificate.ts';
import { eventually } from './support/eventually.ts';
import { startRpcClient } from './support/rpc-client.ts';
import { startRpcUpstream } from './support/rpc-upstream.ts';

test('grpcs:// trusts only who the file names, and nothing is sent in the clear', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'rpc-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const [server, other] = [makeCertificate(), makeCertificate()];
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const [caFile, otherFile] = [await file('ca.pem', server.certificate), await file('other.pem', other.certificate)];
  const pair = { private_key: Buffer.from(server.key), cert_chain: Buffer.from(server.certificate) };
  const upstream = await startRpcUpstream(t, { credentials: ServerCredentials.createSsl(null, [pair]) });
  const say = async (scheme: string, settings: { caFile?: string } = {}) => {
    const target = parseTarget(`${scheme}://localhost:${upstream.port}`);
    const { echo } = startRpcClient(t, [], { target, attemptMs: 10_000, deadlineMs: 10_000, ...settings });
    return echo.say({ text: 'hello' }).then(
      ({ text }) => text,
      (error: ServiceError) => error.reason,
    );
  };
  assert.equal(await say('grpcs', { caFile }), 'hello');
  assert.equal(await say('grpcs', { caFile: otherFile }), 'network');
  assert.equal(await say('grpcs'), 'network');
  assert.equal(await say('grpc'), 'network');
  assert.equal(upstream.calls.length, 1);
});

test('with files of TLS that are none a client does not start; one that has some keeps those of before', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'rpc-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const { certificate, key } = makeCertificate();
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await Promise.all([writeFile(certFile, certificate), writeFile(keyFile, key)]);
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(certificate) };
  const upstream = await startRpcUpstream(t, { credentials: ServerCredentials.createSsl(null, [pair]) });
  const target = parseTarget(`grpcs://localhost:${upstream.port}`);
  const start = (files: { certFile?: string; keyFile?: string }) =>
    startRpcClient(t, [], {
      ...files,
      target,
      caFile: certFile,
      attemptMs: 10_000,
      deadlineMs: 10_000,
      connectionMaxAgeMs: 1,
    });

  assert.throws(() => start({ certFile }), /TLS cannot be had from .*cert\.pem/);
  assert.throws(() => start({ certFile, keyFile: join(folder, 'none.pem') }), /none\.pem/);

  const { echo, rpc } = start({ certFile, keyFile });
  await writeFile(keyFile, 'half of a');
  await eventually('the file is read', async () => {
    assert.equal((await echo.say({ text: 'hello' })).text, 'hello');
    return rpc.trouble?.includes('key.pem');
  });
  await writeFile(keyFile, key);
  await eventually('it is read again', async () => {
    assert.equal((await echo.say({ text: 'hello' })).text, 'hello');
    return rpc.trouble === undefined;
  });
});
