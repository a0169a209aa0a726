import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { Peers } from '../src/platform/rpc-client/peers.ts';
import { eventually } from './support/eventually.ts';
import { startRpcClient } from './support/rpc-client.ts';
import { startRpcUpstream } from './support/rpc-upstream.ts';

const [a, b, c, d] = ['10.0.0.1:1', '10.0.0.2:1', '[fd00::3]:1', '10.0.0.4:1'] as const;

test('a fault is of one instance while as many others do well as fail', () => {
  let now = 0;
  const peers = new Peers(() => now);
  assert.equal(peers.failed(a), false, 'it is the only one');
  for (const peer of [a, b, c, d]) peers.answered(peer);
  const failed = [a, b, c, d].map((peer) => peers.failed(peer));
  assert.deepEqual(failed, [true, true, false, false]);

  // Who failed a while ago does neither, until it answers; and nobody is known for ever.
  now += 3_000;
  assert.equal(peers.failed(a), false);
  for (const peer of [b, c]) peers.answered(peer);
  assert.equal(peers.failed(a), true);
  now += 60_001;
  assert.equal(peers.failed(a), false);
});

test('one that fails is left out twice as long each time, but for one call in between', () => {
  let now = 0;
  const peers = new Peers(() => now);
  peers.answered(b);
  // All that it had is one failure.
  for (let i = 0; i < 10; i += 1) peers.failed(a);
  for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
    now += seconds * 1_000 - 1;
    assert.equal(peers.mayAsk(a), false, `${seconds}`);
    now += 1;
    assert.deepEqual([peers.mayAsk(a), peers.mayAsk(a), peers.mayAsk(b)], [true, false, true], `${seconds}`);
    // The other one is asked all the time.
    peers.answered(b);
    peers.failed(a);
  }
  peers.answered(a);
  assert.equal(peers.mayAsk(a), true);
  // More than half: nobody would be left who could bear it.
  peers.answered(c);
  for (const peer of [a, c]) peers.failed(peer);
  for (const peer of [a, b, c, d]) assert.equal(peers.mayAsk(peer), true, peer);
});

test('one that is connected before the others, and fails, is one of several; not for ever, and not where it is alone', () => {
  let now = 0;
  const peers = new Peers(() => now);
  peers.listed([a]);
  assert.equal(peers.failed(a), false);
  peers.listed([b, c, d]);
  assert.deepEqual([peers.failed(b), peers.mayAsk(b), peers.mayAsk(c)], [true, false, true]);
  now += 4_000;
  assert.equal(peers.failed(b), true);
  // The others could have been connected long ago.
  now += 1_001;
  assert.equal(peers.failed(b), false);
  assert.equal(peers.mayAsk(b), true);
});

test('one of three fails from the start: the circuit stays closed', async (t) => {
  const all = [await startRpcUpstream(t), await startRpcUpstream(t), await startRpcUpstream(t)] as const;
  all[0].say = (_, answer) => answer({ code: status.UNAVAILABLE, details: 'never' });
  const ports = all.map(({ port }) => port);
  for (let round = 0; round < 5; round += 1) {
    const { echo, rpc, seen } = startRpcClient(t, ports, { retries: 0 });
    await Promise.all(Array.from({ length: 32 }, () => echo.say({}).catch(() => undefined)));
    assert.deepEqual([rpc.circuit, seen.circuits], ['closed', []]);
  }
});

test('a call that nobody was connected for is a fault of all', () => {
  const peers = new Peers();
  peers.answered(a);
  for (const target of ['dns:///inventory-rpc:50051', 'ipv4:10.0.0.1:1', 'instances:///inventory-1', 'unknown'])
    assert.equal(peers.failed(target), false, target);
});

test('one of two fails each call: the circuit stays closed; both do, and it opens', async (t) => {
  const [well, sick] = [await startRpcUpstream(t), await startRpcUpstream(t)];
  const { echo, rpc, seen } = startRpcClient(t, [well.port, sick.port], { breakerFailures: 5, retries: 0 });
  await eventually('both are called', async () => {
    await echo.say({});
    return well.calls.length > 0 && sick.calls.length > 0;
  });
  const busy: (() => void)[] = [];
  sick.say = (_, answer) => void busy.push(() => answer({ code: status.UNAVAILABLE, details: 'it ends' }));
  // All that it had under way fails at the same moment.
  const calls = Array.from({ length: 20 }, () => echo.say({}).catch(() => undefined));
  await eventually('it has ten', () => busy.length >= 10);
  for (const fail of busy) fail();
  await Promise.all(calls);
  assert.deepEqual([rpc.circuit, seen.circuits], ['closed', []]);

  sick.say = (_, answer) => answer({ code: status.UNAVAILABLE, details: 'not now' });
  well.say = sick.say;
  await eventually('the circuit opens', async () => {
    await echo.say({}).catch(() => undefined);
    return rpc.circuit === 'open';
  });
});
