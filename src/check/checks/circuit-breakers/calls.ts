import { annotation } from '../../../marks.ts';
import { daprCalls } from '../../inventory/breakers/dapr.ts';
import { declaredAnnotation } from '../../inventory/declared/annotation-list.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import type { Edge } from '../../inventory/graph/edges.ts';

/** Calls to other services, one edge a target: what it is told, and what it declares. */
export function callsOf(component: Component, facts: Facts): Edge[] {
  const calls = new Map<string, Edge>();
  for (const edge of facts.edgesFrom(component)) {
    if (edge.style !== 'sync' || edge.destination === 'outside') continue;
    const key = edge.to?.key ?? edge.host;
    const known = calls.get(key);
    // What it is told for itself says more than a list for everybody.
    if (!edge.offered || !known || known.offered) calls.set(key, edge);
  }
  for (const workload of component.workloads) {
    const { claimed, evidence } = declaredAnnotation(workload, annotation.calls);
    for (const name of claimed) {
      const destination = facts.resolve(name, undefined, component.namespace);
      const service = 'service' in destination ? destination.service : undefined;
      const to = service && facts.componentOf(service);
      const key = to?.key ?? name;
      if (calls.has(key) && !calls.get(key)?.offered) continue;
      calls.set(key, {
        from: component,
        ...(to ? { to } : {}),
        ...(service ? { service } : {}),
        destination: destination.kind,
        style: 'sync',
        protocol: 'http',
        host: name,
        setting: annotation.calls,
        evidence: evidence(name),
      });
    }
  }
  // Beside an address of the same target (of its health, say), which passes the sidecar by.
  for (const edge of daprCalls(component, facts)) calls.set(`dapr ${edge.to?.key ?? edge.host}`, edge);
  return [...calls.values()];
}

export const targetOf = (edge: Edge): string => edge.to?.name ?? edge.host;

/** What tells findings about one target apart: through Dapr's sidecar, or straight. */
export const keyFor = (edge: Edge): string => `${targetOf(edge)}${edge.protocol === 'dapr' ? '/dapr' : ''}`;

export const namesOf = (edges: readonly Edge[]): string => [...new Set(edges.map(targetOf))].sort().join(', ');

/** The same, where calls to some of them go through Dapr's sidecar too. */
export const straightNames = (edges: readonly Edge[], all: readonly Edge[]): string => {
  const throughDapr = new Set(all.filter(({ protocol }) => protocol === 'dapr').map(targetOf));
  const names = edges.map((edge) => {
    const name = targetOf(edge);
    return edge.protocol !== 'dapr' && throughDapr.has(name) ? `${name} (past Dapr’s sidecar)` : name;
  });
  return [...new Set(names)].sort().join(', ');
};
