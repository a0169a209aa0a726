import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { credentials, status } from '@grpc/grpc-js';
import { startApp } from './support/app.ts';
import { makeCertificate } from './support/certificate.ts';
import { EchoService } from './support/echo/echo_pb.ts';
import { serveEcho } from './support/echo/serve-echo.ts';
import { callsTo } from './support/rpc.ts';

test('calls are encrypted, and only who has a certificate of the authority is let in', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'rpc-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const [server, caller, stranger] = [makeCertificate(), makeCertificate(), makeCertificate()];
  const { app } = await startApp(t, {
    env: {
      RPC_TLS_CERT_FILE: await file('server.pem', server.certificate),
      RPC_TLS_KEY_FILE: await file('server.key', server.key),
      RPC_TLS_CLIENT_CA_FILE: await file('callers.pem', caller.certificate),
    },
    extend: serveEcho(),
  });
  const say = async (tls = credentials.createInsecure()) => {
    const calls = callsTo(t, app.rpc.port, { host: 'localhost', tls });
    return (await calls.unary(EchoService.method.say, { text: 'hello' })).message.text;
  };
  const trusted = Buffer.from(server.certificate);
  const by = ({ key, certificate }: typeof caller) =>
    credentials.createSsl(trusted, Buffer.from(key), Buffer.from(certificate));
  assert.equal(await say(by(caller)), 'hello');
  for (const tls of [by(stranger), credentials.createSsl(trusted), undefined])
    await assert.rejects(say(tls), { code: status.UNAVAILABLE });
});
