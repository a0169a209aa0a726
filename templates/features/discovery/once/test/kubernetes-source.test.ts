import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { EndpointSlice } from '../src/platform/discovery/kubernetes/slices.ts';
import { kubernetesSource } from '../src/platform/discovery/kubernetes-source.ts';
import { eventually } from './support/eventually.ts';
import { json, startUpstream } from './support/upstream.ts';

const slice = (resourceVersion: string, ...addresses: string[]): EndpointSlice => ({
  metadata: { name: 'payments-1', resourceVersion },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 3000 }],
  endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
});
const target = { protocol: 'http:', service: 'payments', namespace: 'shop', portName: undefined, port: undefined };

/** An API server by hand: lists are answered with what `lists` gives next, and watches stay open. */
async function start(t: TestContext, ...lists: RequestListener[]) {
  const watches: ServerResponse[] = [];
  const upstream = await startUpstream(t, (request, response) => {
    if (!request.url?.includes('watch=true')) return (lists.length > 1 ? lists.shift() : lists[0])?.(request, response);
    watches.push(response.writeHead(200));
    response.flushHeaders();
  });
  const told: { origins?: readonly string[]; error: string | undefined } = { error: undefined };
  let tokens = 0;
  const access = { server: upstream.url, ca: '', namespace: 'shop', token: async () => `token-${++tokens}` };
  const stop = kubernetesSource(access, target).watch({
    found: (origins) => Object.assign(told, { origins, error: undefined }),
    failed: ({ message }) => Object.assign(told, { error: message }),
  });
  t.after(stop);
  const finds = (address: string) =>
    eventually(`it finds ${address}`, () => !told.error && String(told.origins) === `http://${address}:3000`);
  const nextWatch = (count: number) => eventually(`watch ${count}`, () => watches[count - 1]);
  return { upstream, told, finds, nextWatch };
}

const listed = (version: string, ...items: EndpointSlice[]) =>
  json(200, { metadata: { resourceVersion: version }, items });
const send = (watch: ServerResponse, type: string, object: object) =>
  watch.write(`${JSON.stringify({ type, object })}\n`);

test('it follows changes from where the list ended, and goes on after the last it saw', async (t) => {
  const { upstream, finds, nextWatch } = await start(t, listed('10', slice('9', '10.0.0.1')));
  await finds('10.0.0.1');
  const first = await nextWatch(1);
  send(first, 'MODIFIED', slice('11', '10.0.0.2'));
  await finds('10.0.0.2');
  send(first, 'BOOKMARK', { metadata: { resourceVersion: '15' } });
  first.end();
  send(await nextWatch(2), 'MODIFIED', slice('16', '10.0.0.3'));
  await finds('10.0.0.3');

  const query = upstream.requests.map(({ url }) => new URL(url ?? '', upstream.url).searchParams);
  assert.deepEqual(
    query.map((given) => given.get('resourceVersion')),
    [null, '10', '15'],
  );
  assert.equal(query[0]?.get('labelSelector'), 'kubernetes.io/service-name=payments');
  const tokens = upstream.requests.map(({ headers }) => headers.authorization);
  assert.deepEqual(tokens, ['Bearer token-1', 'Bearer token-2', 'Bearer token-3'], 'read anew each time');
});

test('a version that is too old makes it read everything anew, in silence', async (t) => {
  const [old, current] = [listed('10', slice('9', '10.0.0.1')), listed('90', slice('80', '10.0.0.9'))];
  const { finds, nextWatch, told } = await start(t, old, current);
  await finds('10.0.0.1');
  send(await nextWatch(1), 'ERROR', { kind: 'Status', code: 410, message: 'too old resource version' });
  await finds('10.0.0.9');
  assert.equal(told.error, undefined);
});

test('missing rights are told in the words of the API server, and no list is made up', async (t) => {
  const message = 'endpointslices.discovery.k8s.io is forbidden';
  const { told } = await start(t, json(403, { kind: 'Status', message }));
  await eventually('it tells', () => told.error === `the API server answered 403: ${message}`);
  assert.equal(told.origins, undefined);
});
