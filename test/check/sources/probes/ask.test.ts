import { once } from 'node:events';
import { Agent, createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../../../../src/check/sources/probes/ask.ts';
import type { PlannedPod, PlannedRequest } from '../../../../src/check/sources/probes/planned.ts';

const pod: PlannedPod = {
  namespace: 'shop',
  pod: 'orders-0',
  container: 'orders',
  service: 'shop/orders',
  requests: [],
};
const to = (path: string): PlannedRequest => ({ purpose: 'metrics', to: { scheme: 'http', port: 3000, path } });

/** What is answered where an API server would stand, and what it was asked. */
async function asked(listener: RequestListener, request: PlannedRequest = to('/metrics')) {
  const seen: { method?: string; url?: string; agent?: string }[] = [];
  const server = createServer((incoming, answer) => {
    seen.push({ method: incoming.method, url: incoming.url, agent: incoming.headers['user-agent'] } as object);
    listener(incoming, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent();
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    agent.destroy();
  });
  const address = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const connection = { server: address, agent, headers: async () => ({}), context: 'a', namespace: 'shop' };
  const headers = { 'user-agent': 'msvc-check-cluster/1.2.3' };
  return { ...(await ask(connection, pod, request, headers, new AbortController().signal)), seen };
}

const status = (code: number, message: string): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message });

test('sends one GET, and says of the app’s own query only that there is one', async () => {
  const { answer, app, seen } = await asked((_, answer) => answer.end('a 1\n'), to('/metrics?token=hunter2'));
  expect(seen).toEqual([
    {
      method: 'GET',
      url: '/api/v1/namespaces/shop/pods/orders-0:3000/proxy/metrics?token=hunter2',
      agent: 'msvc-check-cluster/1.2.3',
    },
  ]);
  const request = 'GET /api/v1/namespaces/shop/pods/orders-0:3000/proxy/metrics?…';
  expect(answer).toEqual({ purpose: 'metrics', request, outcome: 'answered', status: 200 });
  expect(app?.body).toBe('a 1\n');
});

test.each([
  ['an app that is not ready', 503, '{"status":"draining"}', {}, 'answered'],
  ['an app that refuses', 403, '{"error":"forbidden"}', {}, 'answered'],
  ['an app behind a mesh', 503, 'no', { server: 'istio-envoy', 'x-envoy-upstream-service-time': '2' }, 'answered'],
  ['a redirect, which nobody follows', 302, '', { location: 'http://elsewhere/' }, 'answered'],
  ['no route to the pod', 503, status(503, 'error trying to reach service: dial tcp: timeout'), {}, 'unreached'],
  ['no right', 403, status(403, 'User "a" cannot get resource "pods/proxy"'), {}, 'refused'],
  ['no such pod', 404, status(404, 'pods "orders-0" not found'), {}, 'unreached'],
  ['Envoy that wants no strangers', 403, 'RBAC: access denied', { server: 'envoy' }, 'refused'],
  ['Envoy without an app', 503, 'upstream connect error', { server: 'istio-envoy' }, 'unreached'],
  ['Linkerd that wants no strangers', 403, '', { 'l5d-proxy-error': 'unauthorized' }, 'refused'],
])('%s', async (_, code, body, headers, outcome) => {
  const { answer, app } = await asked((_, answer) => answer.writeHead(code, headers).end(body));
  expect(answer).toMatchObject({ outcome, status: code });
  expect(app !== undefined).toBe(outcome === 'answered');
});

test('reads no more than it wants, and says so', async () => {
  const { answer, app } = await asked((_, answer) => {
    const more = () => answer.write('a'.repeat(10_000), more);
    more();
  });
  expect(answer).toMatchObject({ outcome: 'answered', cut: true });
  expect(app?.body).toHaveLength(64 * 1024);
});

test('a connection that breaks off, and a log that is none, are no answer', async () => {
  expect((await asked((incoming) => incoming.socket.destroy())).answer.outcome).toBe('unreached');
  const log = await asked((_, answer) => answer.writeHead(302).end(), { purpose: 'logs' });
  expect(log.answer).toMatchObject({ outcome: 'unreached', status: 302 });
  expect(log.seen[0]?.url).toBe(
    '/api/v1/namespaces/shop/pods/orders-0/log?container=orders&tailLines=50&limitBytes=65536',
  );
});

test('an app that is silent is waited for two seconds, one that drips too', async () => {
  const silent = await asked(() => {});
  expect(silent.answer).toMatchObject({ outcome: 'unreached', detail: 'no answer within 2000 ms' });
  const dripping = await asked((_, answer) => {
    const timer = setInterval(() => answer.write('a'), 100);
    answer.on('close', () => clearInterval(timer));
  });
  expect(dripping.answer).toMatchObject({ outcome: 'unreached', detail: 'no answer within 2000 ms' });
});
