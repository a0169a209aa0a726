import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorFacts, redact, redactText } from '../src/platform/redact.ts';
import { defineSettings, text as textSetting, urls } from '../src/platform/settings.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';

const secret = 'hunter2/x9Q';
const hidden = '[redacted]';

test('a secret is known by its name, at any depth and in any casing', () => {
  const names = ['password', 'PGPASSWORD', 'X-Api-Key', 'accessToken', 'refresh_token', 'Set-Cookie', 'clientSecret'];
  for (const name of [...names, 'proxy-authorization', 'privateKey', 'awsCredentials', 'DATABASE_URL', 'pass'])
    assert.deepEqual(redact({ a: [{ b: { [name]: secret } }] }), { a: [{ b: { [name]: hidden } }] }, name);
  assert.deepEqual(redact({ secrets: [secret] }), { secrets: hidden });
  assert.deepEqual(redact({ rawHeaders: ['Host', 'a', 'Cookie', secret] }), {
    rawHeaders: ['Host', 'a', 'Cookie', hidden],
  });
});

test('what is no secret stays as it is', () => {
  const at = new Date(0);
  const harmless = {
    hasPassword: true,
    token: null,
    key: 'orders',
    status: 7,
    url: new URL('http://a/b?c=d'),
    at,
    big: 1n,
  };
  assert.deepEqual(redact(harmless), { ...harmless, url: 'http://a/b?c=d', at: at.toJSON() });
});

test('secrets are found inside of texts', () => {
  const texts: Record<string, string> = {
    [`postgres://app:${secret}@db-1:5432/app refused`]: `postgres://${hidden}@db-1:5432/app refused`,
    [`redis://:p@${secret}@cache`]: `redis://${hidden}@cache`,
    'nats://t0ken@nats:4222': `nats://${hidden}@nats:4222`,
    [`Authorization: Bearer ${secret}`]: `Authorization: ${hidden}`,
    [`sent Bearer ${secret}, refused`]: `sent Bearer ${hidden}, refused`,
    [`cookie: a=1; session=${secret}`]: `cookie: ${hidden}`,
    [`{"clientSecret":"${secret}","a":1}`]: `{"clientSecret":${hidden},"a":1}`,
    [`password=${secret} refused by db-1`]: `password=${hidden} refused by db-1`,
    [`/callback?access_token=${secret}&a=1`]: `/callback?access_token=${hidden}&a=1`,
    'got eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln': `got ${hidden}`,
    [`invalid input syntax for type integer: "${secret}"`]: `invalid input syntax for type integer: "${hidden}"`,
  };
  for (const [given, expected] of Object.entries(texts)) assert.equal(redactText(given), expected);
  const harmless = 'http://a:3000/b (basic needs, no password) at 12:30 to ops@example.com';
  assert.equal(redactText(harmless), harmless);
});

test('of an error only what its place may show is told, also of its causes', () => {
  const driver = Object.assign(new Error(`refused: token=${secret}`), {
    code: 'E1',
    detail: `Key (email)=(${secret}) exists`,
    command: { name: 'auth', args: [secret] },
    config: { headers: { 'x-key': secret } },
  });
  const facts = errorFacts(new AggregateError([driver], 'all failed', { cause: driver }));
  assert.doesNotMatch(JSON.stringify(facts), /hunter2/);
  const { type, message, code, stack } = facts.cause as typeof facts;
  assert.deepEqual([type, message, code], ['Error', `refused: token=${hidden}`, 'E1']);
  assert.match(String(stack), /redact\.test/);
});

test('what is large, refers to itself or cannot be read is cut', () => {
  const loop: Record<string, unknown> = {
    get broken() {
      throw new Error('no');
    },
  };
  assert.equal(redact(loop), '[unreadable]');
  const circle: Record<string, unknown> = {};
  circle.again = circle;
  assert.deepEqual(redact(circle), { again: '[circular]' });
  let deep: unknown = secret;
  for (let i = 0; i < 100; i++) deep = [deep];
  assert.doesNotMatch(JSON.stringify(redact(deep)), /hunter2/);
  assert.ok(redactText('x'.repeat(1_000_000)).length < 20_000);
});

test('no secret of a request or an error reaches the log, whoever is careless', async (t) => {
  const { app, url, logs } = await startApp(t, {
    extend: async (extended) => {
      extended.post('/careless', async (request) => {
        const { headers, raw, log } = request;
        log.info({ headers, rawHeaders: raw.rawHeaders, body: request.body }, 'careless');
        log.info({ req: raw, request, reply: request.raw }, 'very careless');
        log.info(raw, 'careless as well');
        log.info('password=%s for %s', secret, 'app');
        log.info('with %j and %o', headers, { Token: secret });
        log.warn(new Error(`postgres://app:${secret}@db-1 refused`));
        log.warn({ err: new Error(`Bearer ${secret}`) });
        log.child({ apiKey: secret }).info('from a child');
        throw Object.assign(new Error(`secret: ${secret}`), { request: { headers } });
      });
    },
  });
  app.health.add('careless', async () => Promise.reject(new Error(`redis://:${secret}@cache is away`)));
  const response = await fetch(`${url}/careless?token=${encodeURIComponent(secret)}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${secret}`,
      cookie: `session=${secret}`,
      'x-api-key': secret,
      'proxy-authorization': secret,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ user: { credentials: [{ Pass_Word: secret }] } }),
  });
  assert.equal(response.status, 500);
  await eventually('the request line', () => logs.find(({ msg }) => msg === 'request'));
  assert.ok(logs.filter(({ route }) => !route).length >= 9, 'it was told all the same');
  assert.ok(
    logs.some(({ msg }) => msg === `password=${hidden} for app`),
    JSON.stringify(logs),
  );
  const told = JSON.stringify([logs, await bodyOf(await fetch(`${url}/health`))]);
  assert.doesNotMatch(told, /hunter2/);
});

test('a wrong setting is named without the password in it', () => {
  const read = defineSettings({
    peers: urls('PEERS', { what: 'addresses' }),
    name: textSetting('NAME', { what: 'a name', default: '' }),
  });
  assert.throws(
    () => read({ PEERS: `ftp://app:${secret}@a` }),
    (error: Error) => !error.message.includes('hunter2'),
  );
});
