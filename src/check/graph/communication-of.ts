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

/** What is known of the chain that begins at a node. */
interface Link {
  length: number;
  callee?: string;
}

interface Visit extends Link {
  node: string;
  callees: Iterator<string>;
  /** A callee that had to be visited first. */
  waitsFor?: string;
}

/**
 * Each waits for the next, and none comes twice. Where calls form a circle, whatever closes it is left out: what is
 * found is a chain that there is, though in a circle a longer one may be. Without recursion, and a node holds only the
 * next of its chain: chains may be thousands long.
 */
function longestChain(edges: readonly GraphEdge[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to, style } of edges) if (style === 'sync' && to) append(next, from, to);
  const links = new Map<string, Link>();
  const under = new Set<string>();
  const work: Visit[] = [];
  const enter = (node: string): void => {
    under.add(node);
    work.push({ node, length: 1, callees: [...new Set(next.get(node))].sort(compare).values() });
  };
  const weigh = (visit: Visit, callee: string, { length }: Link): void => {
    if (length < visit.length) return;
    visit.length = length + 1;
    visit.callee = callee;
  };
  const starts = [...next.keys()].sort(compare);
  for (const start of starts) {
    if (!links.has(start)) enter(start);
    for (let visit = work.at(-1); visit; visit = work.at(-1)) {
      const callee = visit.waitsFor ?? visit.callees.next().value;
      delete visit.waitsFor;
      if (callee === undefined) {
        under.delete(visit.node);
        links.set(visit.node, { length: visit.length, ...(visit.callee ? { callee: visit.callee } : {}) });
        work.pop();
      } else if (!under.has(callee)) {
        const known = links.get(callee);
        if (known) weigh(visit, callee, known);
        else {
          visit.waitsFor = callee;
          enter(callee);
        }
      }
    }
  }
  let first: string | undefined;
  for (const start of starts)
    if ((links.get(start)?.length ?? 0) > (links.get(first ?? '')?.length ?? 0)) first = start;
  const chain: string[] = [];
  for (let node = first; node !== undefined; node = links.get(node)?.callee) chain.push(node);
  return chain;
}
