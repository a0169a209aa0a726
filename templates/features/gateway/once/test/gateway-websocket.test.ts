import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'undici';
import { startIdentityProvider } from '../scripts/auth/provider.ts';
import { Frames, goingAway } from '../src/platform/gateway/frames.ts';
import { eventually } from './support/eventually.ts';
import { sendRaw, startGateway, statusOf } from './support/gateway.ts';
import { json, startUpstream } from './support/upstream.ts';
import { frameOf, startWebSocketUpstream } from './support/web-socket.ts';

const routes = `
routes:
  - { path: '/live/*', service: live, auth: none, websocket: true }
  - { path: '/mine/*', service: live, auth: token, websocket: true }
  - { path: '/plain/*', service: live, auth: none }
  - { path: '/short/*', service: live, auth: none, websocket: true, idle: 1s }
`;

const socketUrl = (url: string, path: string) => `${url.replace('http', 'ws')}${path}`;

const handshake = (path: string, ...lines: string[]): string =>
  [
    ...[`GET ${path} HTTP/1.1`, 'host: edge', 'connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'],
    ...['sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', ...lines, '', ''],
  ].join('\r\n');

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));

async function connected(t: TestContext, url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  t.after(() => socket.close());
  await once(socket as unknown as EventTarget, 'open');
  return socket;
}

test('a WebSocket goes both ways, small messages and large ones, and is logged by its route', async (t) => {
  const live = await startWebSocketUpstream(t);
  const { url, logs, app } = await startGateway(t, routes, { live });
  const socket = await connected(t, socketUrl(url, '/live/7'));
  const received: number[] = [];
  socket.addEventListener('message', ({ data }) => received.push(String(data).length));
  for (const size of [3, 300, 100_000]) socket.send('x'.repeat(size));
  await eventually('all came back', () => received.length === 3);
  assert.deepEqual(received, [3, 300, 100_000]);
  assert.equal(live.requests[0]?.url, '/live/7');
  assert.equal(app.gateway.tunnels.size, 1);
  const line = await eventually('it is logged', () => logs.find(({ msg }) => msg === 'request'));
  assert.deepEqual([line.status, line.route], [101, '/live/*']);
  socket.close();
  await eventually('it is closed', () => app.gateway.tunnels.size === 0);
});

test('the client hears of a WebSocket only once the upstream has agreed: its refusal is the answer', async (t) => {
  const live = await startWebSocketUpstream(t, 403);
  const { url } = await startGateway(t, routes, { live });
  const answer = await sendRaw(url, handshake('/live/7'));
  assert.equal(statusOf(answer), 403);
  assert.match(answer, /x-why: this/);
  assert.match(answer, /nope$/);
  const away = await startGateway(t, routes, { live: { url: 'http://127.0.0.1:1' } });
  assert.equal(statusOf(await sendRaw(away.url, handshake('/live/7'))), 502);
  const plain = await startUpstream(t, json(200, { no: 'WebSocket' }));
  const other = await startGateway(t, routes, { live: plain });
  assert.equal(statusOf(await sendRaw(other.url, handshake('/live/7'))), 200);
});

test('what the gateway refuses never reaches the upstream', async (t) => {
  const provider = await startIdentityProvider();
  t.after(provider.stop);
  const live = await startWebSocketUpstream(t);
  const { url } = await startGateway(t, routes, { live }, { AUTH_ISSUER: provider.issuer });
  const refused: [string, number][] = [
    [handshake('/mine/7'), 401],
    [handshake('/plain/7'), 400],
    [handshake('/elsewhere'), 404],
    [handshake('/live/../mine/7'), 400],
    [`${handshake('/live/7', 'content-length: 5')}GET /`, 400],
    [handshake('/live/7').replace('GET', 'POST'), 400],
    [handshake('/live/7').replace('websocket', 'something'), 400],
  ];
  for (const [bytes, status] of refused) assert.equal(statusOf(await sendRaw(url, bytes)), status, bytes);
  assert.equal(live.requests.length, 0);
});

test('a handshake behind a request without its answer ends that connection, and nothing else', async (t) => {
  const live = await startWebSocketUpstream(t);
  const slow = await startUpstream(t, () => {});
  const { url } = await startGateway(t, `${routes}  - { path: '/slow/*', service: slow, auth: none }\n`, {
    live,
    slow,
  });
  const asked = 'GET /slow/1 HTTP/1.1\r\nhost: edge\r\n\r\n';
  assert.equal(await sendRaw(url, asked + handshake('/live/7')), '');
  assert.equal(live.requests.length, 0);
  assert.ok(await connected(t, socketUrl(url, '/live/7')));
});

test('who is refused and stays does not hold its connection', async (t) => {
  const { url, app } = await startGateway(t, routes, { live: await startWebSocketUpstream(t) });
  const { port } = new URL(url);
  const client = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => client.destroy());
  client.on('error', () => {}).write(handshake('/elsewhere'));
  await once(client, 'data');
  client.write('more');
  await eventually('it is closed', async () => (await connectionsOf(app.server)) === 0);
});

test('one side that goes takes the other along', async (t) => {
  const live = await startWebSocketUpstream(t);
  const { url, app } = await startGateway(t, routes, { live });
  const socket = await connected(t, socketUrl(url, '/live/7'));
  live.sockets[0]?.destroy();
  await once(socket as unknown as EventTarget, 'close');
  await eventually('nothing is left', () => app.gateway.tunnels.size === 0);
});

test('when the gateway leaves, both sides are told: 1001', async (t) => {
  const live = await startWebSocketUpstream(t);
  const { url, app } = await startGateway(t, routes, { live });
  const socket = await connected(t, socketUrl(url, '/live/7'));
  const closed = once(socket as unknown as EventTarget, 'close') as Promise<[{ code: number }]>;
  await app.close();
  assert.equal((await closed)[0].code, 1001);
  const control = await eventually('the upstream is told', () => live.controls[0]);
  assert.deepEqual([control.opcode, control.payload.readUInt16BE(0)], [8, 1001]);
});

test('a frame that is under way when the gateway leaves comes whole, and the 1001 behind it', async (t) => {
  const live = await startWebSocketUpstream(t);
  const { url, app } = await startGateway(t, routes, { live });
  const client = connect(Number(new URL(url).port), '127.0.0.1');
  t.after(() => client.destroy());
  const chunks: Buffer[] = [];
  const received = () => Buffer.concat(chunks);
  client.on('error', () => {}).on('data', (chunk) => void chunks.push(chunk));
  client.write(handshake('/live/7'));
  const frame = frameOf(1, Buffer.alloc(1_000, 'x'));
  const [upstream] = await eventually('it is open', () => (app.gateway.tunnels.size === 1 ? live.sockets : undefined));
  upstream?.write(frame.subarray(0, 300));
  await eventually('half of it is there', () => received().includes(frame.subarray(0, 300)));
  const closed = app.close();
  upstream?.write(frame.subarray(300));
  await once(client, 'end');
  assert.ok(
    received()
      .subarray(received().indexOf('\r\n\r\n') + 4)
      .equals(Buffer.concat([frame, goingAway.toClient])),
  );
  client.end();
  await closed;
});

test('where a frame ends is seen however its bytes arrive', () => {
  const sizes = [0, 1, 125, 126, 65_535, 65_536];
  const bytes = Buffer.concat([...sizes.map((size) => frameOf(2, Buffer.alloc(size, 0x88))), goingAway.toServer]);
  for (const step of [1, 3, 7, 1_000, bytes.length]) {
    const frames = new Frames();
    const ends: number[] = [];
    for (let at = 0; at < bytes.length; at += step) {
      frames.push(bytes.subarray(at, at + step));
      if (frames.isBetween) ends.push(at + step);
    }
    assert.ok(frames.isBetween, `steps of ${step}`);
    if (step === 1) assert.equal(ends.length, sizes.length + 1);
  }
});

test('who is silent for longer than the route allows is told 1001, and who talks is not', async (t) => {
  const live = await startWebSocketUpstream(t);
  const { url, app } = await startGateway(t, routes, { live });
  const [silent, talking, patient] = await Promise.all([
    connected(t, socketUrl(url, '/short/1')),
    connected(t, socketUrl(url, '/short/2')),
    connected(t, socketUrl(url, '/live/3')),
  ]);
  let code: number | undefined;
  silent.addEventListener('close', (event) => {
    code = event.code;
  });
  await eventually('the silent one is closed', () => {
    talking.send('still here');
    return code;
  });
  assert.equal(code, 1001);
  assert.ok(live.controls.some(({ payload }) => payload.equals(Buffer.from([0x03, 0xe9]))));
  assert.deepEqual([talking.readyState, patient.readyState], [WebSocket.OPEN, WebSocket.OPEN]);
  await eventually('two are left', () => app.gateway.tunnels.size === 2);
});
