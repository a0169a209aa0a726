import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { candidates, readSearch } from '../src/platform/discovery/dns-names.ts';
import { type DnsOptions, dnsSource } from '../src/platform/discovery/dns-source.ts';
import { eventually } from './support/eventually.ts';
import { startNameServer, type Zone } from './support/name-server.ts';

const complete = { domains: [], ndots: 1 };

async function start(t: TestContext, address: string, zone: Zone, options: DnsOptions = {}) {
  const server = await startNameServer(t, zone);
  const source = dnsSource(new URL(address), { servers: [server.address], search: complete, leastMs: 20, ...options });
  /** What was told last: a list, or the code of an error. */
  const told: { last: readonly string[] | string | undefined } = { last: undefined };
  const stop = source.watch({
    found: (origins) => {
      told.last = origins;
    },
    failed: (error) => {
      told.last = (error as NodeJS.ErrnoException).code ?? error.message;
    },
  });
  t.after(stop);
  const tells = (expected: readonly string[] | string) =>
    eventually(`it tells ${expected}`, () => JSON.stringify(told.last) === JSON.stringify(expected));
  return { server, source, tells, stop };
}

test('every address of the name is an instance; a new one is seen when the answer expires', async (t) => {
  const zone = { 'pods.shop': { ttl: 0, addresses: ['10.0.0.1', '10.0.0.2'] } };
  const { server, tells } = await start(t, 'http://pods.shop:3000/base', zone);
  await tells(['http://10.0.0.1:3000', 'http://10.0.0.2:3000']);
  server.zone = { 'pods.shop': { ttl: 0, addresses: ['10.0.0.3'] } };
  await tells(['http://10.0.0.3:3000']);
  server.zone = { 'pods.shop': { ttl: 0, addresses: ['2001:db8:0:0:0:0:0:7'] } };
  await tells(['http://[2001:db8::7]:3000']);
});

test('an answer is believed as long as it says, unless an instance does not answer', async (t) => {
  const zone = { 'pods.shop': { ttl: 600, addresses: ['10.0.0.1'] } };
  const { server, source, tells } = await start(t, 'https://pods.shop', zone, { leastMs: 1, mostMs: 600_000 });
  await tells(['https://10.0.0.1']);
  server.zone = { 'pods.shop': { ttl: 600, addresses: ['10.0.0.2'] } };
  assert.deepEqual(server.asked, ['pods.shop A']);
  source.refresh();
  source.refresh();
  await tells(['https://10.0.0.2']);
  assert.deepEqual(server.asked, ['pods.shop A', 'pods.shop A'], 'asked once for all who are in a hurry');
});

test('SRV records tell the port too', async (t) => {
  const zone: Zone = {
    '_http._tcp.pods.shop': {
      srv: [
        { port: 3000, target: 'one.pods.shop' },
        { port: 3001, target: 'two.pods.shop' },
        { port: 3002, target: 'left.pods.shop' },
      ],
    },
    'one.pods.shop': { ttl: 0, addresses: ['10.0.0.1'] },
    'two.pods.shop': { ttl: 0, addresses: ['10.0.0.2'] },
  };
  const { tells } = await start(t, 'http://_http._tcp.pods.shop', zone);
  await tells(['http://10.0.0.1:3000', 'http://10.0.0.2:3001']);
});

test('a server that fails changes no list; a name that is gone empties it at the second answer', async (t) => {
  const zone = { 'pods.shop': { ttl: 0, addresses: ['10.0.0.1'] } };
  const { server, tells } = await start(t, 'http://pods.shop', zone, { mostMs: 20 });
  await tells(['http://10.0.0.1']);
  server.isBroken = true;
  await tells('ESERVFAIL');
  server.isBroken = false;
  await tells(['http://10.0.0.1']);
  server.zone = {};
  await tells([]);
  server.zone = zone;
  await tells(['http://10.0.0.1']);
  server.zone = { 'pods.shop': { ttl: 0, addresses: [] } };
  await tells([]);
});

test('a name that nobody ever knew is an error, not an empty list', async (t) => {
  const { server, tells } = await start(t, 'http://nobody.shop', {}, { mostMs: 20 });
  await eventually('it asked several times', () => server.asked.length > 3);
  await tells('ENOTFOUND');
});

test('once stopped it asks no more', async (t) => {
  const zone = { 'pods.shop': { ttl: 0, addresses: ['10.0.0.1'] } };
  const { server, source, tells, stop } = await start(t, 'http://pods.shop', zone, { leastMs: 1 });
  await tells(['http://10.0.0.1']);
  stop();
  const { asked } = server;
  server.asked = [];
  source.refresh();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(asked.length > 0);
  assert.ok(server.asked.length <= 1, 'one may have been under way');
});

test('a short name is completed as the machine’s resolver does it', async (t) => {
  const search = { domains: ['shop.svc.cluster.local', 'svc.cluster.local'], ndots: 5 };
  assert.deepEqual(candidates('pods', search), ['pods.shop.svc.cluster.local', 'pods.svc.cluster.local', 'pods']);
  assert.deepEqual(candidates('pods.shop.svc.cluster.local.', search), ['pods.shop.svc.cluster.local']);
  assert.deepEqual(candidates('a.b', { ...search, ndots: 1 })[0], 'a.b');
  assert.deepEqual(readSearch('/nowhere'), { domains: [], ndots: 1 });
  assert.equal(typeof readSearch().ndots, 'number');

  const zone = { 'pods.other.svc.cluster.local': { ttl: 0, addresses: ['10.0.0.1'] } };
  const { tells, server } = await start(t, 'http://pods.other:3000', zone, { search });
  await tells(['http://10.0.0.1:3000']);
  assert.deepEqual(server.asked.slice(0, 2), ['pods.other.shop.svc.cluster.local A', 'pods.other.svc.cluster.local A']);
});
