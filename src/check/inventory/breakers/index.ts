import type { Facts } from '../facts.ts';
import type { Edge } from '../graph.ts';
import type { Breaker, BreakerTechnology } from './breaker.ts';
import { istio } from './istio.ts';
import { linkerd } from './linkerd.ts';
import { cilium, consul, dapr, kuma } from './others.ts';

/** Everything that can guard a call between two services from outside their code. */
export const breakerTechnologies: readonly BreakerTechnology[] = [istio, linkerd, dapr, kuma, consul, cilium];

export const breakerParts = breakerTechnologies.flatMap(({ parts }) => parts);

export const breakersOf = (edge: Edge, facts: Facts): Breaker[] =>
  breakerTechnologies.flatMap(({ guards }) => guards(edge, facts));
