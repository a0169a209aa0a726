import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { openNamespaces } from '../../inventory/traffic/exposure.ts';
import type { Found } from './reasons.ts';

const opens = new Set(['application', 'gateway']);

/**
 * The edge of a system that nobody outside can reach: it calls others, no application or gateway calls it, and its
 * namespace has no way in. What has no port of a Service is a worker, which nobody means to reach.
 */
export function judgeLockedEdge(component: Component, facts: Facts): Found | undefined {
  if (!component.primaryService?.spec.ports?.length) return undefined;
  const calls = facts
    .edgesFrom(component)
    .filter(({ style, to, offered }) => style === 'sync' && to !== undefined && !offered);
  const callers = facts.edgesTo(component).map(({ from }) => from);
  const isEntered = callers.some((caller) => {
    const { class: kind, role } = facts.classOf(caller);
    return opens.has(kind) || (role !== undefined && opens.has(role));
  });
  if (calls.length === 0 || isEntered || openNamespaces(facts).has(component.namespace)) return undefined;
  const targets = [...new Set(calls.map(({ to }) => to?.name ?? ''))].sort().join(', ');
  const others = [...new Set(callers.map(({ name }) => name))].sort().join(', ');
  return {
    status: 'warn',
    reason: 'NO_WAY_IN',
    message: `it looks like the edge of the system (it calls ${targets}, and no application calls it${others ? `, only ${others}` : ''}), and no gateway, route or exposed Service leads into its namespace`,
    evidence: calls.slice(0, 4).map((edge) => edge.evidence),
    fix: 'Add an Ingress or Gateway route to it; where only jobs or people with port-forward use it, waive this.',
  };
}
