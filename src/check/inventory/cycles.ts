import type { Edge } from './graph.ts';
import type { Party } from './parties.ts';

/** Whom each party calls and waits for. */
export type Calls = ReadonlyMap<Party, ReadonlySet<Party>>;

export function synchronousCalls(edges: readonly Edge[]): Calls {
  const calls = new Map<Party, Set<Party>>();
  for (const { from, to, style } of edges) {
    if (style !== 'sync' || !to || to === from) continue;
    calls.set(from, (calls.get(from) ?? new Set()).add(to));
  }
  return calls;
}

// In one tangle of thousands the way back is short or not worth its time.
const furthest = 2_000;

/** A shortest circle of calls through a party, which is its first member; empty where the search was given up. */
export function circleThrough(party: Party, calls: Calls): readonly Party[] {
  const cameFrom = new Map<Party, Party>();
  let front: readonly Party[] = [party];
  while (front.length > 0 && cameFrom.size < furthest) {
    const further: Party[] = [];
    for (const from of front) {
      for (const to of calls.get(from) ?? []) {
        if (to === party) return wayTo(from, party, cameFrom);
        if (cameFrom.has(to)) continue;
        cameFrom.set(to, from);
        further.push(to);
      }
    }
    front = further;
  }
  return [];
}

function wayTo(last: Party, first: Party, cameFrom: ReadonlyMap<Party, Party>): readonly Party[] {
  const way = [last];
  for (let at = last; at !== first; ) {
    at = cameFrom.get(at) ?? first;
    way.unshift(at);
  }
  return way;
}

/** Groups of parties that reach one another by synchronous calls (Tarjan's strongly connected components, without recursion). */
export function synchronousCycles(next: Calls): ReadonlyMap<Party, readonly Party[]> {
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
