import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Held, Lanes } from '../src/platform/events/lanes.ts';

const item = (key: string | undefined, sequence: number, size = 1): Held => ({ key, sequence, size });

/** Begins all that may begin; returns what begins. */
function begin(lanes: Lanes<Held>): (number | undefined)[] {
  const begun: (number | undefined)[] = [];
  for (let lane = lanes.take(); lane; lane = lanes.take()) begun.push(lane.waiting[0]?.sequence);
  return begun;
}

test('of one key one at a time, in the order of their numbers; other keys, and those without one, beside it', () => {
  const lanes = new Lanes<Held>();
  for (const one of [item('a', 1), item('a', 3), item('a', 2), item('b', 7), item(undefined, 8), item(undefined, 9)])
    assert.equal(lanes.add(one), true);
  const first = lanes.take();
  assert.equal(first?.waiting[0]?.sequence, 1);
  assert.deepEqual(begin(lanes), [7, 8, 9]);
  lanes.done(first as never);
  assert.deepEqual(begin(lanes), [2]);
});

test('a paused key keeps a hundred, and room is left for others', () => {
  const lanes = new Lanes<Held>();
  lanes.add(item('stuck', 1));
  const lane = lanes.take();
  lanes.pause(lane as never);
  const kept = Array.from({ length: 300 }, (_, i) => lanes.add(item('stuck', i + 2))).filter(Boolean);
  assert.equal(kept.length, 99);
  assert.equal(lanes.add(item('free', 1)), true);
  assert.deepEqual(begin(lanes), [1]);
  assert.equal(lanes.isFull, false);
});

test('what comes late and belongs first wakes its key', () => {
  const lanes = new Lanes<Held>();
  lanes.add(item('a', 2));
  lanes.pause(lanes.take() as never);
  lanes.add(item('a', 3));
  assert.deepEqual(begin(lanes), []);
  lanes.add(item('a', 1));
  assert.deepEqual(begin(lanes), [1]);
});

test('what belongs first and comes while a later one is at work begins when that one has to wait', () => {
  const lanes = new Lanes<Held>();
  lanes.add(item('a', 7));
  const lane = lanes.take();
  for (const sequence of [8, 1, 2]) lanes.add(item('a', sequence));
  lanes.pause(lane as never);
  assert.deepEqual(begin(lanes), [1]);
  assert.deepEqual(
    lane?.waiting.map(({ sequence }) => sequence),
    [1, 2, 7, 8],
  );
});

test('what a paused key waits for is kept, however much waits', () => {
  const lanes = new Lanes<Held>();
  lanes.add(item('a', 2));
  lanes.pause(lanes.take() as never);
  while (lanes.add(item('a', 200)));
  assert.equal(lanes.add(item('a', 3)), false);
  assert.equal(lanes.add(item('a', 1)), true);
  assert.deepEqual(begin(lanes), [1]);
});

test('it is full by number or by size, and what it gives back is all that is not at work', () => {
  const lanes = new Lanes<Held>();
  lanes.add(item('a', 1, 8_000_000));
  assert.equal(lanes.isFull, false);
  lanes.add(item('a', 2, 8_000_000));
  assert.equal(lanes.isFull, true);
  lanes.add(item(undefined, 3));
  lanes.take();
  lanes.pause(lanes.take() as never);
  assert.deepEqual(
    lanes.clear().map(({ sequence }) => sequence),
    [2, 3],
  );
  assert.equal(lanes.held.size, 1);
  assert.equal(lanes.isFull, false);
});
