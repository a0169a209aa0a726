import type { Evidence } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { protocolOf } from '../../inventory/graph/edges.ts';
import { isSidePort } from '../../inventory/graph/main-container.ts';
import { type KubeService, nameOf, type ServicePort } from '../../inventory/kubernetes/types.ts';
import { daprChannel } from '../../inventory/traffic/dapr.ts';
import { hasReadyEndpoints } from '../../inventory/traffic/endpoint-slices.ts';
import { queueBindings } from '../../inventory/traffic/queues.ts';

/** A way on which it talks to others, whose style is known. */
export interface Channel {
  /** After the service's name: "calls payments, stock". */
  what: string;
  evidence: Evidence[];
  /** Somebody was seen to answer. */
  observed?: boolean;
}

/** Every channel of it that is visible. What it shares with others in a store is none. */
export const channelsOf = (component: Component, facts: Facts): Channel[] => [
  ...offered(component, facts),
  ...throughDapr(component),
  ...used(component, facts),
  ...queueBindings(component, facts).map(({ what, evidence }) => ({ what, evidence: [evidence] })),
];

/**
 * Of its Services with ready endpoints the first, and each that speaks what none before it does: a port of gRPC beside the
 * one of HTTP. More names for the same ports, and ports for whoever looks after it, are no channels of their own.
 */
function offered({ services }: Component, facts: Facts): Channel[] {
  const portsOf = ({ spec }: KubeService): readonly ServicePort[] => spec.ports ?? [];
  const [first, ...others] = services.filter(
    (each) => portsOf(each).length > 0 && hasReadyEndpoints(facts, each) === true,
  );
  if (!first) return [];
  const spoken = new Set(portsOf(first).map((port) => protocolOf(port) ?? 'tcp'));
  const evidenceOf = (service: KubeService, ports: readonly ServicePort[]): Evidence => ({
    object: nameOf(service),
    path: 'spec.ports',
    value: ports.map(({ port }) => port).join(', '),
  });
  const evidence = [evidenceOf(first, portsOf(first))];
  for (const service of others) {
    const more = portsOf(service).filter((port) => {
      const protocol = protocolOf(port);
      return (
        protocol !== undefined && !spoken.has(protocol) && !isSidePort({ number: port.port, name: port.name ?? '' })
      );
    });
    if (more.length === 0) continue;
    for (const port of more) spoken.add(protocolOf(port) as string);
    evidence.push(evidenceOf(service, more));
  }
  return [{ what: `offers ${[...spoken].join(', ')} synchronously`, evidence, observed: true }];
}

function throughDapr(component: Component): Channel[] {
  const dapr = daprChannel(component);
  return dapr
    ? [{ what: `offers ${dapr.protocol} synchronously through Dapr, as ${dapr.id}`, evidence: [dapr.evidence] }]
    : [];
}

/** Services that it calls and brokers that it exchanges messages through, by its settings. */
function used(component: Component, facts: Facts): Channel[] {
  const edges = facts
    .edgesFrom(component)
    .filter(({ destination, offered }) => destination !== 'absent' && destination !== 'unread' && !offered);
  return (['sync', 'async'] as const).flatMap((style): Channel[] => {
    const own = edges.filter((edge) => edge.style === style);
    if (own.length === 0) return [];
    const targets = [...new Set(own.map(({ to, host }) => to?.name ?? host))].sort();
    return [
      {
        what: `${style === 'sync' ? 'calls' : 'exchanges messages through'} ${targets.join(', ')}`,
        evidence: own.slice(0, 6).map((edge) => edge.evidence),
      },
    ];
  });
}
