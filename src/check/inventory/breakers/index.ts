import type { Facts } from '../facts.ts';
import type { Edge } from '../graph.ts';
import { hasProxy } from '../mesh.ts';
import type { Breaker, BreakerTechnology } from './breaker.ts';
import { istio } from './istio.ts';
import { linkerd } from './linkerd.ts';
import { cilium, consul, dapr, kuma } from './others.ts';

/** Everything that can guard a call between two services from outside their code. */
export const breakerTechnologies: readonly BreakerTechnology[] = [istio, linkerd, dapr, kuma, consul, cilium];

export const breakerParts = [...new Set(breakerTechnologies.flatMap(({ parts }) => parts))];

/** What guards an edge; of a mesh only what the caller's own proxy, seen beside its pods, puts in force. */
export const breakersOf = (edge: Edge, facts: Facts): Breaker[] =>
  breakerTechnologies.flatMap(({ name, mesh, guards }) => {
    const found = guards(edge, facts);
    if (!mesh || found.length === 0) return found;
    const proxied = hasProxy(edge.from, mesh, facts);
    if (proxied === true) return found;
    const inert = `the caller ${edge.from.name} has no ${name} proxy, and breaking happens in the caller’s`;
    return found.map((each) =>
      each.inert ? each : { ...each, ...(proxied === false ? { inert } : { unclear: true }) },
    );
  });
