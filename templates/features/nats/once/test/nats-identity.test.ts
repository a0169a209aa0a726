import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nkeys } from '@nats-io/transport-node';
import { pino } from 'pino';
import { openBroker } from '../src/platform/events/open-broker.ts';
import type { NatsBroker } from '../src/platform/nats/broker.ts';
import { makeCertificate } from './support/certificate.ts';
import { eventually } from './support/eventually.ts';
import { testNats } from './support/nats.ts';

function open(t: TestContext, env: Record<string, string>): NatsBroker {
  const broker = openBroker(env, pino({ level: 'silent' }));
  t.after(() => broker.close());
  return broker;
}

async function folderWith(t: TestContext, files: Record<string, string>): Promise<(name: string) => string> {
  const folder = await mkdtemp(join(tmpdir(), 'nats-files-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return (name) => join(folder, name);
}

/** Passes connections on, and counts them. */
async function countConnections(t: TestContext, url: string): Promise<{ url: string; count(): number }> {
  let count = 0;
  const server = createServer((client) => {
    count += 1;
    const upstream = dial(Number(new URL(url).port), '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: `nats://127.0.0.1:${(server.address() as { port: number }).port}`, count: () => count };
}

const account = (password: string): string => `authorization { user: orders, password: "${password}" }`;

test('a password that is changed at the server first is no end of the connection', async (t) => {
  const server = await testNats(account('old'));
  const path = await countConnections(t, server.url);
  const broker = open(t, { NATS_URL: path.url, NATS_USER: 'orders', NATS_PASSWORD: 'old' });
  await broker.connected(30_000);
  const before = path.count();
  await server.configure(account('new'));
  // More than the two that end a connection of this client by default.
  await eventually('it was refused several times', () => path.count() >= before + 4, 60_000);
  assert.equal(broker.isConnected, false);
  await server.configure(account('old'));
  await broker.connected(60_000);
});

test('a server with a certificate of its own authority is trusted by its file alone, and asks for ours', async (t) => {
  const { certificate, key } = makeCertificate();
  const ours = makeCertificate();
  const file = await folderWith(t, {
    'server.pem': certificate,
    'server.key': key,
    'ours.pem': ours.certificate,
    'ours.key': ours.key,
  });
  const server = await testNats(
    `tls { cert_file: "${file('server.pem')}", key_file: "${file('server.key')}", ca_file: "${file('ours.pem')}", verify: true }`,
  );
  const trust = { NATS_URL: server.url, NATS_CA_FILE: file('server.pem') };
  const identity = { NATS_CERT_FILE: file('ours.pem'), NATS_KEY_FILE: file('ours.key') };
  await open(t, { ...trust, ...identity }).connected(30_000);
  await assert.rejects(open(t, { NATS_URL: server.url, ...identity }).connected(2_000), /does not answer/);
  await assert.rejects(open(t, trust).connected(2_000), /does not answer/);
});

test('tls:// never talks to a server in the clear', async (t) => {
  const server = await testNats();
  const broker = open(t, { NATS_URL: server.url.replace('nats://', 'tls://') });
  await assert.rejects(broker.connected(2_000), /does not answer/);
});

test('a credentials file identifies the service, also one that appears later', async (t) => {
  const [operator, user] = [nkeys.createOperator(), nkeys.createUser()];
  const [accountKey, system] = [nkeys.createAccount(), nkeys.createAccount()];
  const token = (issuer: typeof user, subject: typeof user, nats: object): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = {
      jti: subject.getPublicKey(),
      iat: 1,
      iss: issuer.getPublicKey(),
      sub: subject.getPublicKey(),
      nats,
    };
    const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
    return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
  };
  const unlimited = { subs: -1, conn: -1, leaf: -1, imports: -1, exports: -1, data: -1, payload: -1, wildcards: true };
  const userToken = token(accountKey, user, { type: 'user', version: 2, subs: -1, data: -1, payload: -1 });
  const accounts = [accountKey, system].map(
    (one) => `${one.getPublicKey()}: ${token(operator, one, { type: 'account', version: 2, limits: unlimited })}`,
  );
  const server = await testNats(`
    operator: ${token(operator, operator, { type: 'operator', version: 2 })}
    system_account: ${system.getPublicKey()}
    resolver: MEMORY
    resolver_preload: { ${accounts.join(', ')} }`);
  const seed = Buffer.from(user.getSeed()).toString();
  const file = await folderWith(t, {});
  const broker = open(t, { NATS_URL: server.url, NATS_CREDENTIALS_FILE: file('service.creds') });
  await assert.rejects(broker.connected(1_500), /does not answer/);
  const block = (what: string, text: string): string => `-----BEGIN ${what}-----\n${text}\n------END ${what}------\n`;
  await writeFile(file('service.creds'), `${block('NATS USER JWT', userToken)}\n${block('USER NKEY SEED', seed)}`);
  await broker.connected(60_000);
});
