import type { Facts } from '../facts.ts';
import type { Edge } from '../graph/edges.ts';
import { throughProxy } from '../traffic/mesh.ts';
import type { Breaker, BreakerTechnology } from './breaker.ts';
import { cilium } from './cilium.ts';
import { consul } from './consul.ts';
import { dapr } from './dapr.ts';
import { gatewayApi } from './gateway-api.ts';
import { istio } from './istio.ts';
import { kuma } from './kuma.ts';
import { linkerd } from './linkerd.ts';
import { own } from './own.ts';

/** Everything that can guard a call between two services: from outside their code, or within it where a pod shows it. */
export const breakerTechnologies: readonly BreakerTechnology[] = [
  istio,
  linkerd,
  dapr,
  kuma,
  consul,
  cilium,
  gatewayApi,
  own,
];

export const breakerParts = [...new Set(breakerTechnologies.flatMap(({ parts }) => parts))];

/** What guards an edge; of a mesh only what the caller's own proxy, seen beside its pods, puts in force. */
export const breakersOf = (edge: Edge, facts: Facts): Breaker[] =>
  breakerTechnologies.flatMap(({ name, mesh, parts, guards }) => {
    const guarding = guards(edge, facts);
    if (guarding.length === 0) return guarding;
    const seen = parts.every((part) => facts.ledger.complete(part, edge.from.namespace));
    // What was not read may switch on or off what was.
    const found = seen ? guarding : guarding.map(doubtful);
    if (!mesh) return found;
    const proxied = throughProxy(edge, mesh, facts);
    if (proxied === true) return found;
    return found.map((each) =>
      each.inert
        ? each
        : { ...each, ...(proxied === undefined ? { unclear: true as const } : { inert: withName(proxied, name) }) },
    );
  });

const doubtful = ({ inert: _, partly: __, ...rest }: Breaker): Breaker => ({ ...rest, unclear: true });

const withName = (why: string, name: string): string => why.replace('{mesh}', name);
