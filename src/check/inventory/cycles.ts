import type { Edge } from './graph.ts';
import type { Party } from './parties.ts';

/** Groups of parties that reach one another by synchronous calls (Tarjan's strongly connected components, without recursion). */
export function synchronousCycles(edges: readonly Edge[]): ReadonlyMap<Party, readonly Party[]> {
  const next = new Map<Party, Set<Party>>();
  for (const { from, to, style } of edges) {
    if (style !== 'sync' || !to || to === from) continue;
    next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  const index = new Map<Party, number>();
  const low = new Map<Party, number>();
  const stack: Party[] = [];
  const onStack = new Set<Party>();
  const cycles = new Map<Party, readonly Party[]>();
  for (const start of next.keys()) {
    if (index.has(start)) continue;
    const work: { party: Party; rest: Party[] }[] = [];
    const enter = (party: Party): void => {
      index.set(party, index.size);
      low.set(party, index.size - 1);
      stack.push(party);
      onStack.add(party);
      work.push({ party, rest: [...(next.get(party) ?? [])] });
    };
    const lower = (party: Party, value: number): void => {
      low.set(party, Math.min(low.get(party) ?? value, value));
    };
    enter(start);
    while (work.length > 0) {
      const top = work.at(-1) as { party: Party; rest: Party[] };
      const target = top.rest.pop();
      if (target === undefined) {
        work.pop();
        const parent = work.at(-1);
        if (parent) lower(parent.party, low.get(top.party) ?? 0);
        if (low.get(top.party) === index.get(top.party)) {
          const group = stack.splice(stack.indexOf(top.party));
          for (const member of group) onStack.delete(member);
          if (group.length > 1) for (const member of group) cycles.set(member, group);
        }
      } else if (!index.has(target)) enter(target);
      else if (onStack.has(target)) lower(top.party, index.get(target) ?? 0);
    }
  }
  return cycles;
}
