import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startIdentityProvider } from '../scripts/auth/provider.ts';
import { sendRaw, startGateway, statusOf } from './support/gateway.ts';
import { startUpstream } from './support/upstream.ts';

// What is sent here no client library would send: see what a gateway must not let through, byte by byte.

const routes = `
routes:
  - { path: /api/users/admin, service: users, auth: token, scopes: [admin] }
  - { path: '/api/users/*', service: users, auth: none }
  - { path: '/api/files/*', service: users, auth: none, allow: [encoded-slash, semicolon, empty-segment, double-encoding] }
`;

async function start(t: TestContext, env: Record<string, string> = {}) {
  const provider = await startIdentityProvider();
  t.after(provider.stop);
  const users = await startUpstream(t, (request, response) => {
    request.resume();
    response.end(`reached ${request.url}`);
  });
  const gateway = await startGateway(t, routes, { users }, { AUTH_ISSUER: provider.issuer, ...env });
  return { ...gateway, users };
}

const head = (target: string, ...lines: string[]): string =>
  [`GET ${target} HTTP/1.1`, 'host: edge', 'connection: close', ...lines, '', ''].join('\r\n');

const post = (...lines: string[]): string => ['POST /api/users/1 HTTP/1.1', 'host: edge', ...lines].join('\r\n');

test('a path that can be read in two ways is refused, in every writing', async (t) => {
  const { url, users } = await start(t);
  const targets = [
    ...[
      '../admin',
      '%2e%2e/admin',
      '..%2fadmin',
      '..%5cadmin',
      '..\\admin',
      '.%2e/admin',
      '..;/admin',
      '%c0%ae%c0%ae/admin',
    ],
    ...[
      '%',
      '%zz',
      '%252e%252e/admin',
      './admin',
      '%2e/admin',
      '/admin',
      '\\admin',
      'admin%2f',
      'admin;x',
      'admin%3bx',
    ],
    ...[
      'admin%00',
      'admin%09',
      'admin%20',
      'admin%7f',
      'admin#x',
      'admin%20/x',
      '%25%32%65%25%32%65/admin',
      '..%00',
      'a%2f..%2fadmin',
    ],
    ...['..', '.', '%2E%2E', 'x/%2e%2e/admin', 'admin%252f', 'admin%255c', '%e0%80%af', '%ff'],
  ].map((rest) => `/api/users/${rest}`);
  for (const target of [...targets, 'http://evil/api/users/1', '/api/users/1?x#y']) {
    assert.equal(statusOf(await sendRaw(url, head(target))), 400, target);
  }
  assert.equal(statusOf(await sendRaw(url, head('//evil/api/users/1'))), 404);
  assert.equal(users.requests.length, 0);
});

test('a rule holds in every writing of its path that an upstream may take for it', async (t) => {
  const { url, users } = await start(t);
  for (const rest of ['admin', 'ADMIN', '%61dmin', 'adm%69n', 'Adm%49n', 'admin/', 'admin?', 'admin?x=/api/users/1'])
    assert.equal(statusOf(await sendRaw(url, head(`/api/users/${rest}`))), 401, rest);
  assert.equal(users.requests.length, 0);
});

test('what is sent on is what was matched', async (t) => {
  const { url } = await start(t);
  const sent = {
    '/api/users/%7Ejo%6e': '/api/users/~jon',
    '/api/users/a%20b%c3%a9': '/api/users/a%20b%C3%A9',
    '/api/users/100%25': '/api/users/100%25',
    '/api/users/x?next=../admin&a=%2f..': '/api/users/x?next=../admin&a=%2f..',
    '/api/users/x.y/...': '/api/users/x.y/...',
  };
  for (const [target, reached] of Object.entries(sent))
    assert.ok((await sendRaw(url, head(target))).includes(`reached ${reached}`), target);
});

test('a route may allow what is refused elsewhere, but no step out of it', async (t) => {
  const { url } = await start(t);
  for (const rest of ['a%2Fb', 'a;v=1', 'a//b', 'a%252Fb']) {
    const answer = await sendRaw(url, head(`/api/files/${rest}`));
    assert.ok(answer.includes(`reached /api/files/${rest}`), answer);
  }
  for (const rest of ['a%2F..%2Fb', '..;/b', 'a/%252e%252e/b', 'a%2f%2e%2e', 'a%5cb'])
    assert.equal(statusOf(await sendRaw(url, head(`/api/files/${rest}`))), 400, rest);
});

test('a body whose end can be seen in two places is refused', async (t) => {
  const { url, users } = await start(t);
  const end = '\r\nconnection: close\r\n\r\n0\r\n\r\n';
  const broken = [
    post('content-length: 4', 'transfer-encoding: chunked'),
    post('transfer-encoding: chunked', 'content-length: 4'),
    post('content-length: 4', 'content-length: 4'),
    post('content-length: 4', 'content-length: 5'),
    ...['2, 2', '+2', '0x2', '2 2', '-1', ''].map((length) => post(`content-length: ${length}`)),
    post('content-length : 4'),
    ...[
      'chunked, identity',
      'xchunked',
      'gzip, chunked',
      'identity, chunked',
      '\vchunked',
      'gzip',
      'chunked, chunked',
      ' , chunked',
    ].map((coding) => post(`transfer-encoding: ${coding}`)),
    post('transfer-encoding: chunked', 'transfer-encoding: chunked'),
    post('transfer-encoding: chunked', 'transfer-encoding: identity'),
    post('transfer-encoding:', ' chunked'),
  ];
  for (const request of broken) assert.equal(statusOf(await sendRaw(url, request + end)), 400, request);
  const chunked = `${post('transfer-encoding: chunked')}\r\n\r\n`;
  for (const chunk of [
    'zz\r\n',
    '-1\r\n',
    '0x3\r\nabc\r\n',
    'fffffffffffffffff\r\n',
    '3;a\nb\r\nabc\r\n',
    '3\nabc\n',
    '3\r\nabcdef\r\n',
  ])
    assert.equal(statusOf(await sendRaw(url, `${chunked}${chunk}0\r\n\r\n`)), 400, chunk);
  assert.equal(users.requests.filter(({ complete }) => complete).length, 0);
});

test('a head that two programs read in two ways is refused', async (t) => {
  const { url, users } = await start(t);
  const target = '/api/users/1';
  const heads: [string, number][] = [
    [`GET ${target}\r\n\r\n`, 400],
    [`GET ${target} HTTP/1.2\r\nhost: edge\r\n\r\n`, 400],
    [`GET ${target} HTTP/2.0\r\nhost: edge\r\n\r\n`, 400],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    [`GET ${target} HTTP/1.1\r\n\r\n`, 400],
    [head(target, 'host: other'), 400],
    [head(target, 'authorization: Bearer mine', 'Authorization: Bearer forged'), 400],
    [`GET ${target} HTTP/1.1\r\nhost: a/b@c\r\n\r\n`, 400],
    [`GET ${target} HTTP/1.1\r\nhost: a b\r\n\r\n`, 400],
    [`GET ${target} HTTP/1.1\r\nhost:\r\n\r\n`, 400],
    [`GET ${target} HTTP/1.1\nhost: edge\n\n`, 400],
    [head(target, 'x-a: b\rc'), 400],
    [head(target, 'x-a: b\0c'), 400],
    [head(target, 'no colon'), 400],
    [head(target, ': empty name'), 400],
    [head(target, 'x-folded: a', ' b'), 400],
    [head(`${target}\0`), 400],
    [head(`${target}\té`), 400],
    [head('/api/users/é'), 400],
    [head(target, `x-long: ${'a'.repeat(17_000)}`), 431],
    [head(target, ...Array.from({ length: 2_500 }, () => 'a:b')), 431],
    [head(target, 'expect: teapot'), 417],
    [`POST ${target} HTTP/1.0\r\nhost: edge\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    [
      `GET ${target} HTTP/1.1\r\nhost: edge\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n`,
      400,
    ],
    [head('/api/users/1').replace('GET', 'TRACE'), 404],
    [head('*').replace('GET', 'OPTIONS'), 400],
  ];
  for (const [bytes, status] of heads) assert.equal(statusOf(await sendRaw(url, bytes)), status, bytes.slice(0, 120));
  assert.equal(statusOf(await sendRaw(url, 'CONNECT evil:443 HTTP/1.1\r\nhost: evil\r\n\r\n')), 0);
  assert.equal(users.requests.length, 0);
});

test('what comes behind the last request of a connection is not taken for one', async (t) => {
  const { url, users } = await start(t);
  await sendRaw(url, head('/api/users/1') + head('/api/users/2'));
  assert.ok(!users.requests.some(({ url: target }) => target === '/api/users/2'));
});

test('nobody outside speaks for the gateway: such headers are dropped, or written anew', async (t) => {
  const { url, users } = await start(t);
  const pretended = [
    ...['x-forwarded-for: 6.6.6.6', 'x-forwarded-host: evil', 'x-forwarded-proto: https', 'x-forwarded-prefix: /admin'],
    ...[
      'forwarded: for=6.6.6.6',
      'x-real-ip: 6.6.6.6',
      'x-user-id: admin',
      'x-user-roles: root',
      'x-original-url: /admin',
    ],
    ...[
      'x-rewrite-url: /admin',
      'x-http-method-override: DELETE',
      'X_Forwarded_For: 6.6.6.6',
      'x_user_id: admin',
      'proxy: http://evil',
    ],
    ...[
      'proxy-authorization: Basic eDp5',
      'proxy-connection: keep-alive',
      'keep-alive: timeout=99',
      'upgrade: h3',
      'te: trailers',
    ],
    ...['x-client-ip: 6.6.6.6', 'true-client-ip: 6.6.6.6', 'x-request-timeout-ms: 999999', 'cookie: a=1', 'x-own: yes'],
  ];
  const plain = [
    'GET /api/users/1 HTTP/1.1',
    'host: edge',
    'connection: close, x-hop',
    'x-hop: 1',
    ...pretended,
    '',
    '',
  ];
  assert.equal(statusOf(await sendRaw(url, plain.join('\r\n'))), 200);
  const [{ headers } = { headers: {} }] = users.requests;
  const { traceparent, 'x-correlation-id': id, host, connection, ...rest } = headers as Record<string, string>;
  assert.ok(id);
  assert.equal(host, new URL(users.url).host);
  assert.deepEqual(rest, {
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'edge',
    'x-forwarded-proto': 'http',
    'x-request-timeout-ms': '15000',
    cookie: 'a=1',
    'x-own': 'yes',
  });
});

test('a proxy in front is believed where it is named, and only for what it says itself', async (t) => {
  const { url, users } = await start(t, { TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' });
  const lines = [
    'x-forwarded-for: 6.6.6.6, 203.0.113.9, 10.1.2.3',
    'x-forwarded-proto: https',
    'x-forwarded-host: api.example.com',
  ];
  const answer = await sendRaw(url, head('/api/users/1', ...lines));
  const [{ headers } = { headers: {} as Record<string, string> }] = users.requests;
  assert.equal(headers['x-forwarded-for'], '203.0.113.9');
  assert.equal(headers['x-forwarded-proto'], 'https');
  assert.equal(headers['x-forwarded-host'], 'api.example.com');
  assert.match(answer, /strict-transport-security: max-age=/i);
  for (const [hop, address] of [
    ['203.0.113.9:4711', '203.0.113.9'],
    ['[2001:db8::9]:4711', '2001:db8::9'],
    ['[2001:db8::9]', '2001:db8::9'],
    ['2001:db8::9', '2001:db8::9'],
    ['unknown', '127.0.0.1'],
  ]) {
    await sendRaw(url, head('/api/users/1', `x-forwarded-for: 6.6.6.6, ${hop}`));
    assert.equal(users.requests.at(-1)?.headers['x-forwarded-for'], address);
  }
  await assert.rejects(start(t, { TRUSTED_PROXIES: 'all' }), /TRUSTED_PROXIES must be addresses or ranges/);
});
