import type { Classification } from './classify.ts';
import type { Edge } from './graph.ts';
import type { Party } from './parties.ts';
import { appContainers } from './references.ts';

/** Nobody can call it, it keeps nothing, and all it does is call applications: it plays the users. */
export function loadBehaviour(
  party: Party,
  current: Classification,
  edges: readonly Edge[],
): Classification | undefined {
  if (current.class !== 'application' || party.service || party.workloads.length === 0) return undefined;
  const containers = party.workloads.flatMap(appContainers);
  if (containers.some(({ ports }) => (ports ?? []).length > 0)) return undefined;
  const calls = edges.filter(({ style }) => style !== 'platform');
  if (calls.length === 0 || calls.some(({ style }) => style !== 'sync') || !calls.some(({ to }) => to))
    return undefined;
  const names = [...new Set(calls.map(({ to, host }) => to?.name ?? host))].sort();
  return {
    class: 'load',
    because: `a load generator: no Service, no port, and it only calls ${names.join(', ')}`,
    certain: true,
  };
}
