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
import { eventually } from './support/eventually.ts';
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

test('renewed files are taken up by a process that runs; broken ones are not', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'rpc-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const [certFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'server.key')];
  const [before, after] = [makeCertificate(), makeCertificate()];
  await Promise.all([writeFile(certFile, before.certificate), writeFile(keyFile, before.key)]);
  t.mock.timers.enable({ apis: ['setInterval'] });
  const env = { RPC_TLS_CERT_FILE: certFile, RPC_TLS_KEY_FILE: keyFile };
  const { app, logs } = await startApp(t, { env, extend: serveEcho() });
  const isTrusted = async ({ certificate }: typeof before): Promise<boolean> => {
    const tls = credentials.createSsl(Buffer.from(certificate));
    const calls = callsTo(t, app.rpc.port, { host: 'localhost', tls });
    return calls.unary(EchoService.method.say, { text: 'hello' }).then(
      () => true,
      () => false,
    );
  };
  assert.deepEqual([await isTrusted(before), await isTrusted(after)], [true, false]);

  await writeFile(certFile, after.certificate);
  t.mock.timers.tick(60_000);
  const said = (text: string) => eventually(text, () => logs.some(({ msg }) => String(msg).startsWith(text)));
  await said('the files of TLS are none');
  assert.equal(await isTrusted(before), true);

  await writeFile(keyFile, after.key);
  t.mock.timers.tick(60_000);
  await said('renewed files of TLS');
  assert.deepEqual([await isTrusted(before), await isTrusted(after)], [false, true]);
});
