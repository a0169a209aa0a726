import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EndpointSlice, originsIn, readTarget } from '../src/platform/discovery/kubernetes/slices.ts';

const target = (address: string) => readTarget(new URL(address), 'shop');
const http = [{ name: 'http', port: 3000 }];

const slice = (endpoints: EndpointSlice['endpoints'], more: Partial<EndpointSlice> = {}): EndpointSlice => ({
  metadata: { name: 'one' },
  addressType: 'IPv4',
  ports: http,
  endpoints: endpoints ?? null,
  ...more,
});
const at = (address: string, conditions = {}) => ({ addresses: [address], conditions });

test('an address names the Service, and as much of its place as it must', () => {
  const shared = { protocol: 'http:', service: 'payments', port: undefined };
  assert.deepEqual(target('http://payments'), { ...shared, namespace: 'shop', portName: undefined });
  assert.deepEqual(target('http://payments.bank'), { ...shared, namespace: 'bank', portName: undefined });
  assert.deepEqual(target('http://_metrics._tcp.payments.bank.svc.cluster.local'), {
    ...shared,
    namespace: 'bank',
    portName: 'metrics',
  });
  assert.equal(target('http://payments:3000').port, 3000);
});

test('who is ready counts, also where nothing is said of it', () => {
  const slices = [
    slice([at('10.0.0.1', { ready: true }), at('10.0.0.2'), at('10.0.0.3', { ready: false, serving: true })]),
    slice([at('10.0.0.4', { ready: false, serving: true, terminating: true }), at('10.0.0.5', { ready: null })]),
  ];
  const ready = ['10.0.0.1', '10.0.0.2', '10.0.0.5'].map((host) => `http://${host}:3000`);
  assert.deepEqual(originsIn(slices, target('http://payments')), ready);
});

test('where all are on their way out, those that still serve are better than none', () => {
  const leaving = at('10.0.0.4', { ready: false, serving: true, terminating: true });
  const broken = at('10.0.0.5', { ready: false, serving: false, terminating: true });
  assert.deepEqual(originsIn([slice([leaving, broken])], target('http://payments')), ['http://10.0.0.4:3000']);
});

test('a pod with two families of addresses is one instance', () => {
  const [four, six] = [slice([at('10.0.0.1')]), slice([at('2001:db8::1')], { addressType: 'IPv6' })];
  assert.deepEqual(originsIn([six, four], target('http://payments')), ['http://10.0.0.1:3000']);
  assert.deepEqual(originsIn([six], target('https://payments:3000')), ['https://[2001:db8::1]:3000']);
});

test('the port is the named one, the numbered one, the only one or the one of the protocol; else nobody guesses', () => {
  const ports = [
    { name: 'http', port: 3000 },
    { name: 'metrics', port: 9090 },
  ];
  const of = (address: string, given: EndpointSlice['ports'] = ports) =>
    originsIn([slice([at('10.0.0.1')], { ports: given ?? null })], target(address))[0];
  assert.equal(of('http://payments'), 'http://10.0.0.1:3000');
  assert.equal(of('http://_metrics._tcp.payments'), 'http://10.0.0.1:9090');
  assert.equal(of('http://payments:9090'), 'http://10.0.0.1:9090');
  assert.equal(of('http://payments', [{ port: 8080 }]), 'http://10.0.0.1:8080');
  for (const [address, given] of [
    ['https://payments', ports],
    ['http://_grpc._tcp.payments', ports],
    ['http://payments', []],
  ] as const)
    assert.throws(() => of(address, given), /which port of payments is meant is not clear \(/);
});

test('slices without endpoints are empty', () => {
  assert.deepEqual(originsIn([slice(null), slice([])], target('http://payments')), []);
  assert.deepEqual(originsIn([], target('http://payments')), []);
});
