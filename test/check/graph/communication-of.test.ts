import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GraphEdge, GraphNode } from '../../../src/check/contract.ts';
import { communicationOf } from '../../../src/check/graph/communication-of.ts';

const name = (number: number): string => `shop/s${String(number).padStart(6, '0')}`;
const nodeOf = (id: string): GraphNode => ({
  ...{ id, kind: 'Service', namespace: 'shop', name: id, class: 'application', judged: true, waysIn: [] },
});
const call = (from: number, to: number): GraphEdge => ({
  ...{ from: name(from), to: name(to), host: name(to), style: 'sync', protocol: 'http', leads: 'service' },
  evidence: [],
});
const chainOf = (size: number, edges: readonly GraphEdge[]): string[] =>
  communicationOf(
    Array.from({ length: size }, (_, index) => nodeOf(name(index))),
    edges,
  ).longestChain;

test.each([
  ['a row', false],
  ['a circle', true],
])('a chain of twenty thousand in %s needs no deep stack', (_, closed) => {
  const size = 20_000;
  const edges = Array.from({ length: closed ? size : size - 1 }, (_, index) => call(index, (index + 1) % size));
  const chain = chainOf(size, edges);
  expect(chain).toHaveLength(size);
  expect([chain[0], chain.at(-1)]).toEqual([name(0), name(size - 1)]);
});

/** The same by recursion, each node with a copy of its chain. */
function plainly(size: number, edges: readonly GraphEdge[]): string[] {
  const chains = new Map<string, readonly string[]>();
  const under = new Set<string>();
  const from = (node: string): readonly string[] => {
    const known = chains.get(node);
    if (known) return known;
    under.add(node);
    let longest: readonly string[] = [];
    for (const to of [...new Set(edges.filter((edge) => edge.from === node).map((edge) => edge.to ?? ''))].sort()) {
      if (under.has(to)) continue;
      const chain = from(to);
      if (chain.length > longest.length) longest = chain;
    }
    under.delete(node);
    chains.set(node, [node, ...longest]);
    return [node, ...longest];
  };
  let longest: readonly string[] = [];
  for (let number = 0; number < size; number++) {
    if (!edges.some((edge) => edge.from === name(number))) continue;
    const chain = from(name(number));
    if (chain.length > longest.length) longest = chain;
  }
  return [...longest];
}

test('it is the chain that a plain search finds', () => {
  const size = 7;
  const some = fc.integer({ min: 0, max: size - 1 });
  fc.assert(
    fc.property(fc.array(fc.tuple(some, some), { maxLength: 20 }), (pairs) => {
      const edges = pairs.map(([from, to]) => call(from, to));
      expect(chainOf(size, edges)).toEqual(plainly(size, edges));
    }),
  );
});
