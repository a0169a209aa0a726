import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { WebSocket } from 'undici';
import { eventually } from './support/eventually.ts';
import { addresses, routesFile } from './support/gateway.ts';
import { startService } from './support/process.ts';
import { startUpstream } from './support/upstream.ts';
import { startWebSocketUpstream } from './support/web-socket.ts';

const routes = `
routes:
  - { path: '/events/*', service: orders, auth: none }
  - { path: '/live/*', service: live, auth: none, websocket: true }
`;

test('streams and WebSockets without an end do not hold up a shutdown, and what has one comes to it', async (t) => {
  const live = await startWebSocketUpstream(t);
  let gone = 0;
  let finish = () => {};
  const orders = await startUpstream(t, (request, response) => {
    response.once('close', () => (gone += response.writableFinished ? 0 : 1));
    if (request.url === '/events/slow') {
      finish = () => void response.end('whole');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
  });
  const { file } = await routesFile(t, routes);
  const gateway = await startService(t, { ROUTES_FILE: file, ...addresses({ orders, live }) });

  const [stream] = (await once(get(`${gateway.url}/events/all`), 'response')) as [IncomingMessage];
  const streamed = text(stream);
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/live/1`);
  await once(socket as unknown as EventTarget, 'open');
  const closed = once(socket as unknown as EventTarget, 'close') as Promise<[{ code: number }]>;
  const slow = fetch(`${gateway.url}/events/slow`);
  await eventually('the slow one is under way', () => orders.requests.length === 2);

  gateway.child.kill('SIGTERM');
  // Whole: a client of events takes an end for what it is, and comes back.
  assert.equal(await streamed, 'data: first\n\n');
  assert.equal((await closed)[0].code, 1001);
  await eventually('the upstream is told', () => gone === 1);
  finish();
  const response = await slow;
  assert.deepEqual([response.status, await response.text()], [200, 'whole']);
  assert.equal(await gateway.exited, 0);
  assert.ok(!gateway.lines.some((line) => /cut off/.test(line)));
});
