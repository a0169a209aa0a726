import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { perRun } from '../../inventory/per-run.ts';

/** Names that several components have: a Service, and a workload that it does not lead to. */
const sharedNames = perRun(({ components }): ReadonlySet<string> => {
  const seen = new Set<string>();
  return new Set(components.flatMap(({ key }) => (seen.size === seen.add(key).size ? [key] : [])));
});

/**
 * Where findings about a component stand: `shop/orders`. Its kind is no part of it, so that ids stay when a Service comes
 * or goes; where several share a name, those without a Service say what they are: `shop/Deployment:orders`.
 */
export function placeOf(component: Component, facts: Facts): string {
  const { key, namespace, name, primaryService, workloads } = component;
  return primaryService || !sharedNames(facts).has(key) ? key : `${namespace}/${workloads[0]?.kind}:${name}`;
}

/** `health-checks/shop/orders/NO_READINESS/orders`: check, place, reason, and what tells several of one reason apart. */
export const findingId = (check: string, place: string, reason: string, key?: string): string =>
  [check, place, reason, ...(key ? [key] : [])].join('/');
