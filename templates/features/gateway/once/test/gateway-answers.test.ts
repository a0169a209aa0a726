import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { sendRaw, startGateway, statusOf } from './support/gateway.ts';

// What upstreams send here no server library would: see what becomes of it, byte by byte.

const routes = `routes: [{ path: '/api/*', service: users, auth: none, timeout: 2s, retries: 0, websocket: true }]`;
const asked = 'GET /api/1 HTTP/1.1\r\nhost: edge\r\nconnection: close\r\n\r\n';
const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** A gateway in front of what answers each request with these bytes. */
async function start(t: TestContext) {
  const sockets: Socket[] = [];
  const upstream = { answer: (socket: Socket): unknown => socket.write(whole) };
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {}).on('data', () => upstream.answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const users = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const gateway = await startGateway(t, routes, { users }, { USERS_BREAKER_FAILURES: '1000' });
  const ask = (answer: string, request = asked): Promise<string> => {
    upstream.answer = (socket) => socket.write(Buffer.from(answer, 'latin1'));
    return sendRaw(gateway.url, request);
  };
  return { ...gateway, upstream, ask };
}

test('an answer that is none is a 502, and the next one is well', async (t) => {
  const { ask, app } = await start(t);
  const answer = (...lines: string[]) => ['HTTP/1.1 200 OK', ...lines, 'content-length: 2', '', 'ok'].join('\r\n');
  const broken = [
    ...['000', '099', '1000', '20', 'abc'].map((status) => whole.replace('200', status)),
    ...['no colon', 'x: a\x01b', 'x: a\0b', 'x: a\rset-cookie: evil=1', 'x: a\nset-cookie: evil=1'].map((line) =>
      answer(line),
    ),
    ...['x: a\r\n folded', 'x y: a', 'x : a', '(x): a', 'content-length: 5', 'content-length: -2'].map((line) =>
      answer(line),
    ),
    ...['transfer-encoding: chunked', `x: ${'a'.repeat(100_000)}`].map((line) => answer(line)),
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
    `HTTP/1.1 101 Switching Protocols\r\n\r\n${whole}`,
    'hello',
  ];
  for (const bytes of broken) {
    const said = await ask(bytes);
    assert.equal(statusOf(said), 502, `${bytes.slice(0, 100)} became ${said}`);
    assert.doesNotMatch(said, /evil/);
    assert.match(await ask(whole), /\r\n\r\nok$/);
  }
  await eventually('nothing is under way', () => app.gateway.exchanges.size === 0);
});

test('a second answer to one request is not that of the next', async (t) => {
  const { ask } = await start(t);
  assert.doesNotMatch(await ask(whole + whole.replace('ok', 'no')), /no$/);
  assert.match(await ask(whole), /\r\n\r\nok$/);
});

test('who is asked for a WebSocket and switches to something else has not agreed', async (t) => {
  const { ask, app } = await start(t);
  const lines = ['connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: eA=='];
  const handshake = ['GET /api/1 HTTP/1.1', 'host: edge', ...lines, '', ''].join('\r\n');
  for (const other of ['upgrade: h2c\r\n', ''])
    assert.equal(
      statusOf(await ask(`HTTP/1.1 101 No\r\nconnection: upgrade\r\n${other}\r\nhi`, handshake)),
      502,
      other,
    );
  assert.equal(app.gateway.tunnels.size, 0);
});

test('what has no body by its status may tell a length', async (t) => {
  const { ask } = await start(t);
  const unchanged = await ask('HTTP/1.1 304 Not Modified\r\netag: "a"\r\ncontent-length: 2\r\n\r\n');
  assert.equal(statusOf(unchanged), 304);
  assert.match(unchanged, /etag: "a"/);
  assert.equal(statusOf(await ask('HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok')), 204);
  const head = await ask('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n', asked.replace('GET', 'HEAD'));
  assert.match(head, /^HTTP\/1\.1 200 OK\r\ncontent-length: 2/);
});

test('trailers come with any character that headers may have, and those of the message itself do not', async (t) => {
  const { ask, app } = await start(t);
  const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n2\r\nok\r\n0\r\n';
  assert.match(
    await ask(`${head}x-sum: caf\xe9\r\nset-cookie: evil=1\r\nhost: evil\r\n\r\n`),
    /0\r\nx-sum: caf.+\r\n\r\n$/,
  );
  assert.doesNotMatch(await ask(`${head}set-cookie: evil=1\r\nhost: evil\r\n\r\n`), /evil/);
  await eventually('nothing is under way', () => app.gateway.exchanges.size === 0);
});

test('early hints that are none change nothing, and those without an end end with the time for an answer', async (t) => {
  const { ask, url, upstream, app } = await start(t);
  const hints = (link: string) => `HTTP/1.1 103 Early Hints\r\nlink: ${link}\r\n\r\n`;
  assert.match(await ask(hints('none') + whole), /^HTTP\/1\.1 200 /);
  const many = Buffer.from(hints('</a>; rel=preload').repeat(1_000));
  upstream.answer = (socket) => {
    const more = () => {
      while (socket.write(many));
    };
    socket.on('drain', more);
    more();
  };
  assert.match(await sendRaw(url, asked), /HTTP\/1\.1 504 /);
  await eventually('nothing is under way', () => app.gateway.exchanges.size === 0);
});
