import { append } from '../../multimap.ts';
import type { Communication, GraphEdge, GraphNode } from '../contract.ts';
import { compare } from '../inventory/kubernetes/workloads.ts';

/** Leads somewhere, and is more than a name in a list that several are given. */
const isUsed = ({ maybe, leads }: GraphEdge): boolean => !maybe && leads !== 'absent' && leads !== 'no-port';

/** How services talk, by the edges that are seen: in code and behind registries there may be more. */
export function communicationOf(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Communication {
  // Who makes load, and a gateway or agent, belongs to no chain of the business.
  const applications = new Set(nodes.flatMap((node) => (node.class === 'application' ? [node.id] : [])));
  const used = edges.filter((edge) => isUsed(edge) && applications.has(edge.from));
  const pairs = (style: GraphEdge['style']): number =>
    new Set(used.filter((edge) => edge.style === style).map(({ from, to, host }) => `${from} ${to ?? host}`)).size;
  return { sync: pairs('sync'), async: pairs('async'), longestChain: longestChain(used) };
}

/**
 * Each waits for the next, and none comes twice. Where calls form a circle, whatever closes it is left out: what is
 * found is a chain that there is, though in a circle a longer one may be.
 */
function longestChain(edges: readonly GraphEdge[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to, style } of edges) if (style === 'sync' && to) append(next, from, to);
  const chains = new Map<string, readonly string[]>();
  const under = new Set<string>();
  const from = (node: string): readonly string[] => {
    const known = chains.get(node);
    if (known) return known;
    under.add(node);
    let longest: readonly string[] = [];
    for (const each of [...new Set(next.get(node))].sort(compare)) {
      if (under.has(each)) continue;
      const chain = from(each);
      if (chain.length > longest.length) longest = chain;
    }
    under.delete(node);
    const chain = [node, ...longest];
    chains.set(node, chain);
    return chain;
  };
  let longest: readonly string[] = [];
  for (const node of [...next.keys()].sort(compare)) {
    const chain = from(node);
    if (chain.length > longest.length) longest = chain;
  }
  return [...longest];
}
