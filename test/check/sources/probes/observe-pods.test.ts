import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { PodObservation } from '../../../../src/check/contract.ts';
import { observePods } from '../../../../src/check/sources/probes/observe-pods.ts';
import type { PlannedPod } from '../../../../src/check/sources/probes/planned.ts';
import { adminKubeconfig } from '../../../cluster/kubeconfig.ts';
import { testPorts } from '../../support/ports.ts';

const podOf = (name: string, paths: readonly string[], logs = false): PlannedPod => ({
  namespace: 'shop',
  pod: name,
  container: 'it',
  service: `shop/${name}`,
  requests: [
    ...paths.map((path) => ({ purpose: 'nowhere' as const, to: { scheme: 'http' as const, port: 80, path } })),
    ...(logs ? [{ purpose: 'logs' as const }] : []),
  ],
});

/** A kubeconfig that leads to it; both are gone when the test ends. */
async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'msvc-observe-'));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, adminKubeconfig({ server: address, ca: '', token: 'a' }));
  return kubeconfig;
}

/** What stands where the API server would: it notes who is asked at once, and answers by `reply`. */
async function observe(
  pods: readonly PlannedPod[],
  reply: (request: IncomingMessage, answer: ServerResponse) => void,
): Promise<{ observations: PodObservation[]; asked: string[]; most: number; twice: boolean }> {
  const asked: string[] = [];
  const flying = new Map<string, number>();
  let most = 0;
  let twice = false;
  const server = createServer((request, answer) => {
    asked.push(request.url ?? '');
    const pod = /\/pods\/([^:/]+)/.exec(request.url ?? '')?.[1] ?? '';
    flying.set(pod, (flying.get(pod) ?? 0) + 1);
    most = Math.max(most, [...flying.values()].filter((number) => number > 0).length);
    twice ||= (flying.get(pod) ?? 0) > 1;
    answer.on('close', () => flying.set(pod, (flying.get(pod) ?? 0) - 1));
    // Later, so that whoever sends several at once is seen to.
    setImmediate(() => reply(request, answer));
  });
  const kubeconfig = await listening(server);
  const observations = await observePods(pods, { kubeconfig }, '1.2.3', testPorts());
  return { observations, asked, most, twice };
}

const ok = (_: IncomingMessage, answer: ServerResponse) => void answer.writeHead(404).end('{}');
const outcomes = ({ answers }: PodObservation): string => answers.map(({ outcome }) => outcome).join(' ');

test('asks at most five pods at once, and none of them twice at a time', async () => {
  const pods = Array.from({ length: 30 }, (_, index) => podOf(`pod-${index}`, ['/a', '/b', '/c']));
  const { observations, asked, most, twice } = await observe(pods, ok);
  expect(asked).toHaveLength(90);
  expect(most).toBeLessThanOrEqual(5);
  expect(twice).toBe(false);
  expect(observations.map(({ pod }) => pod)).toEqual(pods.map(({ pod }) => pod).sort());
});

test('sends no more than a run may, and says which pods were left out', async () => {
  const pods = Array.from({ length: 400 }, (_, index) =>
    podOf(`pod-${String(index).padStart(3, '0')}`, ['/a', '/b', '/c']),
  );
  const { observations, asked } = await observe(pods, ok);
  expect(asked).toHaveLength(999);
  expect(observations).toHaveLength(400);
  expect(observations.slice(333).map(outcomes)).toEqual(Array(67).fill('not-asked not-asked not-asked'));
});

test('a port at which nothing answers is left alone, another one is not', async () => {
  const pod = podOf('a', ['/a', '/b', '/c', '/d']);
  const other = { purpose: 'metrics' as const, to: { scheme: 'http' as const, port: 9090, path: '/metrics' } };
  const { observations, asked } = await observe([{ ...pod, requests: [...pod.requests, other] }], (request, answer) =>
    request.url?.includes(':9090/') ? void answer.end('up 1\n') : void request.socket.destroy(),
  );
  expect(observations.map(outcomes)).toEqual(['unreached unreached not-asked not-asked answered']);
  expect(asked).toHaveLength(3);
});

test('who has no right knocks no more in that namespace, and may still read logs', async () => {
  const status = { kind: 'Status', apiVersion: 'v1', code: 403, message: 'cannot get resource "pods/proxy" in shop' };
  const { observations, asked } = await observe([podOf('a', ['/a', '/b'], true)], (request, answer) => {
    if (request.url?.includes('/log?')) answer.end('{"level":"info","msg":"a"}\n');
    else answer.writeHead(403).end(JSON.stringify(status));
  });
  expect(observations.map(outcomes)).toEqual(['refused not-asked answered']);
  expect(observations[0]?.logs).toMatchObject({ lines: 1, json: 1 });
  // Nobody sent an id that could stand in it.
  expect(observations[0]?.logs?.ours).toBeUndefined();
  expect(asked).toHaveLength(2);
});

test('looks at a log once more where the ids of its request are not in it yet', async () => {
  let trace = '';
  let looks = 0;
  const { observations } = await observe([podOf('a', ['/a'], true)], (request, answer) => {
    if (!request.url?.includes('/log?')) {
      trace = String(request.headers.traceparent).split('-')[1] ?? '';
      expect(request.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
      return void answer.writeHead(404, { traceresponse: `00-${trace}-1-01` }).end();
    }
    looks += 1;
    answer.end(looks === 1 ? 'started\n' : `started\n{"trace_id":"${trace}","msg":"request"}\n`);
  });
  expect(looks).toBe(2);
  expect(observations[0]?.logs).toMatchObject({ lines: 2, json: 1, ours: { trace: true, correlation: false } });
  expect(observations[0]?.echoed).toEqual({ correlation: [], trace: ['traceresponse'] });
});

test('ends with Ctrl-C', async () => {
  const end = new AbortController();
  const ports = testPorts({ signal: end.signal });
  const server = createServer(() => end.abort(new Error('stopped')));
  const kubeconfig = await listening(server);
  const run = observePods([podOf('a', ['/a', '/b', '/c'])], { kubeconfig }, '1', ports);
  await expect(run).rejects.toThrow('stopped');
});
