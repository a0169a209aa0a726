import type { Evidence } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { protocolOf } from '../../inventory/graph/edges.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
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

/** Of its Services the first with ready endpoints. */
function offered({ services }: Component, facts: Facts): Channel[] {
  const service = services.find(
    (each) => (each.spec.ports ?? []).length > 0 && hasReadyEndpoints(facts, each) === true,
  );
  if (!service) return [];
  const ports = service.spec.ports ?? [];
  const speaks = [...new Set(ports.map((port) => protocolOf(port) ?? 'tcp'))].join(', ');
  const value = ports.map(({ port }) => port).join(', ');
  return [
    {
      what: `offers ${speaks} synchronously`,
      evidence: [{ object: nameOf(service), path: 'spec.ports', value }],
      observed: true,
    },
  ];
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
