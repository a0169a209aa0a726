import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { untilReady } from './support/health.ts';
import { startNameServer } from './support/name-server.ts';
import { json, startUpstream } from './support/upstream.ts';

const ok = json(200, { id: '1' });
const checkOf = async (url: string, service: string) => (await bodyOf(await fetch(`${url}/health`))).checks[service];

test('the settings choose how instances are found; one that is away costs no call', async (t) => {
  const [a, b] = [await startUpstream(t, ok), await startUpstream(t, ok)];
  const env = { FAR_AWAY_URL: `${a.url}/base,http://127.0.0.1:1/base,${b.url}/base`, FAR_AWAY_DISCOVERY: 'static' };
  const { app, url, logs } = await startApp(t, { env });
  const http = app.http('far-away');
  for (let i = 0; i < 10; i += 1) await http.post('/things', { body: {} });
  assert.deepEqual(
    [a, b].map(({ requests }) => requests.length),
    [5, 5],
  );
  assert.equal(a.requests[0]?.url, '/base/things');

  const found = { status: 'healthy', circuit: 'closed', discovery: 'static', instances: 3, ejected: 1 };
  assert.deepEqual(await checkOf(url, 'far-away'), found);
  const metrics = await app.metrics.metrics();
  assert.match(metrics, /discovery_instances\{peer_service="far-away"\} 3/);
  assert.match(metrics, /discovery_ejections_total\{peer_service="far-away"\} 1/);
  const left = logs.filter(({ msg }) => msg === 'far-away: an instance is left out');
  assert.deepEqual(
    left.map(({ instance }) => instance),
    ['http://127.0.0.1:1'],
  );
});

test('DNS names every instance; while it is away the list is kept, degraded and ready', async (t) => {
  const upstream = await startUpstream(t, ok);
  const server = await startNameServer(t, { 'pods.shop': { ttl: 0, addresses: ['127.0.0.1'] } });
  const { port } = new URL(upstream.url);
  const env = {
    FAR_AWAY_URL: `http://pods.shop:${port}`,
    FAR_AWAY_DISCOVERY: 'dns',
    DISCOVERY_DNS_SERVERS: server.address,
  };
  const { app, url, logs } = await startApp(t, { env });
  assert.deepEqual(await app.http('far-away').get('/'), { id: '1' });
  assert.equal(upstream.requests[0]?.headers.host, `pods.shop:${port}`, 'it is asked by its name');

  server.isBroken = true;
  const degraded = await eventually('the health tells', async () => {
    const check = await checkOf(url, 'far-away');
    return check.status === 'degraded' && check;
  });
  assert.match(degraded.reason, /^the list of its instances: /);
  await untilReady(url);
  assert.deepEqual(await app.http('far-away').get('/'), { id: '1' });
  assert.match(await app.metrics.metrics(), /discovery_stale\{peer_service="far-away"\} 1/);

  server.isBroken = false;
  await eventually('it is well again', async () => (await checkOf(url, 'far-away')).status === 'healthy');
  const told = logs.map(({ msg }) => msg).filter((msg) => /list of its instances/.test(String(msg)));
  assert.deepEqual(told, [
    'far-away: the list of its instances cannot be read',
    'far-away: the list of its instances can be read again',
  ]);
});

test('what cannot be is said by the name of its setting', async (t) => {
  const { app } = await startApp(t, {
    env: {
      ONE_DISCOVERY: 'dns',
      ONE_URL: 'http://a,http://b',
      TWO_DISCOVERY: 'static',
      TWO_URL: 'http://a/v1,http://b/v2',
      THREE_DISCOVERY: 'carrier-pigeon',
      FOUR_DISCOVERY: 'kubernetes',
      KUBERNETES_SERVICE_HOST: '',
      FIVE_DISCOVERY: 'registry',
      REDIS_URL: '',
    },
  });
  assert.throws(() => app.http('one'), /ONE_DISCOVERY=dns needs one address in ONE_URL/);
  assert.throws(() => app.http('two'), /TWO_DISCOVERY=static needs one path in TWO_URL/);
  assert.throws(
    () => app.http('three'),
    /THREE_DISCOVERY must be one of service, static, dns, kubernetes, registry.*"carrier-pigeon"/,
  );
  assert.throws(() => app.http('four'), /FOUR_DISCOVERY=kubernetes needs to run in a pod: KUBERNETES_SERVICE_HOST/);
  assert.throws(() => app.http('five'), /FIVE_DISCOVERY=registry needs (Redis: msvc add-feature redis|REDIS_URL)/);
  await assert.rejects(startApp(t, { env: { DISCOVERY_DNS_SERVERS: 'ns.shop' } }), /DISCOVERY_DNS_SERVERS must be IP/);
});
