import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { circleThrough, synchronousCalls, synchronousCycles } from '../../inventory/graph/cycles.ts';
import { perRun } from '../../inventory/per-run.ts';
import type { Found } from './reasons.ts';

const tangleOf = perRun(({ edges }) => {
  const calls = synchronousCalls(edges);
  return { calls, groups: synchronousCycles(calls) };
});

// Enough to find one's way into it; a circle of hundreds fills no screen.
const longestWay = 6;

/** Circles of calls that wait for each other, of which it is a part. */
export function judgeCycle(component: Component, facts: Facts): Found[] {
  const tangle = tangleOf(facts);
  const group = tangle.groups.get(component);
  if (!group) return [];
  const circle = circleThrough(component, tangle.calls);
  const names = circle.slice(0, longestWay).map(({ name }) => name);
  const rest = circle.length > longestWay ? [`${circle.length - longestWay} more`] : [];
  const way = [...names, ...rest, component.name].join(' → ');
  const others = group.length - Math.max(1, circle.length);
  const more =
    others > 0 ? ` (${others} more ${others === 1 ? 'service hangs' : 'services hang'} in the same tangle)` : '';
  return [
    {
      status: 'warn',
      reason: 'CYCLE',
      message: `${circle.length > 0 ? `${way} is` : 'it is in'} a circle of calls that wait for each other${more}: none can be deployed, tested or fail alone`,
      evidence: circle.slice(0, longestWay).flatMap((from, index) => {
        const to = circle[index + 1] ?? component;
        return facts
          .edgesFrom(from)
          .filter((edge) => edge.to === to && edge.style === 'sync')
          .slice(0, 1)
          .map(({ evidence }) => evidence);
      }),
      fix: 'Turn one of the calls around with an event, or move what both need into one of them.',
    },
  ];
}
