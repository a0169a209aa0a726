import type { Component } from './components.ts';
import type { Edge } from './edges.ts';

/** Whom each component calls and waits for. */
export type Calls = ReadonlyMap<Component, ReadonlySet<Component>>;

export function synchronousCalls(edges: readonly Edge[]): Calls {
  const calls = new Map<Component, Set<Component>>();
  for (const { from, to, style, offered } of edges) {
    if (style !== 'sync' || !to || to === from || offered) continue;
    calls.set(from, (calls.get(from) ?? new Set()).add(to));
  }
  return calls;
}

// In one tangle of thousands the way back is short or not worth its time.
const furthest = 2_000;

/** A shortest circle of calls through a component, which is its first member; empty where the search was given up. */
export function circleThrough(component: Component, calls: Calls): readonly Component[] {
  const { components, numberOf, next, cameFrom } = numbersOf(calls);
  const start = numberOf.get(component) ?? -1;
  cameFrom.fill(-1);
  let front = start < 0 ? [] : [start];
  for (let seen = 0; front.length > 0 && seen < furthest; ) {
    const further: number[] = [];
    for (const from of front) {
      for (const to of next[from] ?? []) {
        if (to === start) return wayTo(from, start, cameFrom).flatMap((number) => components[number] ?? []);
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
  components: readonly Component[];
  numberOf: ReadonlyMap<Component, number>;
  next: readonly (readonly number[])[];
  /** Room for one search after the other. */
  cameFrom: Int32Array;
}

const numbered = new WeakMap<Calls, Numbered>();

/** The same graph by number: the search runs once for each component of a tangle, which may be thousands. */
function numbersOf(calls: Calls): Numbered {
  const known = numbered.get(calls);
  if (known) return known;
  const components = [...new Set([...calls].flatMap(([from, to]) => [from, ...to]))];
  const numberOf = new Map(components.map((component, number) => [component, number]));
  const next = components.map((component) => [...(calls.get(component) ?? [])].map((to) => numberOf.get(to) ?? -1));
  const made = { components, numberOf, next, cameFrom: new Int32Array(components.length) };
  numbered.set(calls, made);
  return made;
}

/** Groups of components that reach one another by synchronous calls (Tarjan's strongly connected components, without recursion). */
export function synchronousCycles(next: Calls): ReadonlyMap<Component, readonly Component[]> {
  const index = new Map<Component, number>();
  const low = new Map<Component, number>();
  const stack: Component[] = [];
  const onStack = new Set<Component>();
  const cycles = new Map<Component, readonly Component[]>();
  for (const start of next.keys()) {
    if (index.has(start)) continue;
    const work: { component: Component; rest: Component[] }[] = [];
    const enter = (component: Component): void => {
      index.set(component, index.size);
      low.set(component, index.size - 1);
      stack.push(component);
      onStack.add(component);
      work.push({ component, rest: [...(next.get(component) ?? [])] });
    };
    const lower = (component: Component, value: number): void => {
      low.set(component, Math.min(low.get(component) ?? value, value));
    };
    enter(start);
    while (work.length > 0) {
      const top = work.at(-1) as { component: Component; rest: Component[] };
      const target = top.rest.pop();
      if (target === undefined) {
        work.pop();
        const parent = work.at(-1);
        if (parent) lower(parent.component, low.get(top.component) ?? 0);
        if (low.get(top.component) === index.get(top.component)) {
          const group = stack.splice(stack.lastIndexOf(top.component));
          for (const member of group) onStack.delete(member);
          if (group.length > 1) for (const member of group) cycles.set(member, group);
        }
      } else if (!index.has(target)) enter(target);
      else if (onStack.has(target)) lower(top.component, index.get(target) ?? 0);
    }
  }
  return cycles;
}
