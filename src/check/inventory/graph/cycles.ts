import type { Party } from './components.ts';
import type { Edge } from './edges.ts';

/** Whom each party calls and waits for. */
export type Calls = ReadonlyMap<Party, ReadonlySet<Party>>;

export function synchronousCalls(edges: readonly Edge[]): Calls {
  const calls = new Map<Party, Set<Party>>();
  for (const { from, to, style, offered } of edges) {
    if (style !== 'sync' || !to || to === from || offered) continue;
    calls.set(from, (calls.get(from) ?? new Set()).add(to));
  }
  return calls;
}

// In one tangle of thousands the way back is short or not worth its time.
const furthest = 2_000;

/** A shortest circle of calls through a party, which is its first member; empty where the search was given up. */
export function circleThrough(party: Party, calls: Calls): readonly Party[] {
  const { parties, numberOf, next, cameFrom } = numbersOf(calls);
  const start = numberOf.get(party) ?? -1;
  cameFrom.fill(-1);
  let front = start < 0 ? [] : [start];
  for (let seen = 0; front.length > 0 && seen < furthest; ) {
    const further: number[] = [];
    for (const from of front) {
      for (const to of next[from] ?? []) {
        if (to === start) return wayTo(from, start, cameFrom).flatMap((number) => parties[number] ?? []);
        if (cameFrom[to] !== -1) continue;
        cameFrom[to] = from;
        seen++;
        further.push(to);
      }
    }
    front = further;
  }
  return [];
}

function wayTo(last: number, first: number, cameFrom: Int32Array): number[] {
  const way = [last];
  for (let at = last; at !== first; ) {
    at = cameFrom[at] ?? first;
    way.unshift(at);
  }
  return way;
}

interface Numbered {
  parties: readonly Party[];
  numberOf: ReadonlyMap<Party, number>;
  next: readonly (readonly number[])[];
  /** Room for one search after the other. */
  cameFrom: Int32Array;
}

const numbered = new WeakMap<Calls, Numbered>();

/** The same graph by number: the search runs once for each party of a tangle, which may be thousands. */
function numbersOf(calls: Calls): Numbered {
  const known = numbered.get(calls);
  if (known) return known;
  const parties = [...new Set([...calls].flatMap(([from, to]) => [from, ...to]))];
  const numberOf = new Map(parties.map((party, number) => [party, number]));
  const next = parties.map((party) => [...(calls.get(party) ?? [])].map((to) => numberOf.get(to) ?? -1));
  const made = { parties, numberOf, next, cameFrom: new Int32Array(parties.length) };
  numbered.set(calls, made);
  return made;
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
