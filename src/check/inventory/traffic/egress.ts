import type { Evidence } from '../../contract.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { at, items, texts } from '../kubernetes/fields.ts';
import { selects } from '../kubernetes/selectors.ts';
import { nameOf } from '../kubernetes/types.ts';

const part = 'networkpolicies.networking.k8s.io';

/**
 * NetworkPolicies that leave it no way to call another application: the one proof from outside that it calls none.
 * Undefined where there is no such proof.
 */
export function callsNobody(component: Component, facts: Facts): Evidence[] | undefined {
  if (!facts.ledger.complete(part, component.namespace) || component.workloads.length === 0) return undefined;
  const own = facts
    .list(part)
    .filter(({ metadata }) => metadata.namespace === component.namespace)
    .filter((policy) =>
      component.workloads.every(({ podLabels }) => selects(at(policy, 'spec', 'podSelector'), podLabels)),
    )
    .filter(
      (policy) =>
        texts(at(policy, 'spec', 'policyTypes')).includes('Egress') || at(policy, 'spec', 'egress') !== undefined,
    );
  if (own.length === 0) return undefined;
  const peers = own.flatMap((policy) =>
    items(at(policy, 'spec', 'egress')).map((rule) => ({ to: items(at(rule, 'to')), ports: items(at(rule, 'ports')) })),
  );
  const dnsOnly = (ports: readonly unknown[]): boolean =>
    ports.length > 0 && ports.every((port) => at(port, 'port') === 53);
  const open = peers.some(
    ({ to, ports }) =>
      !dnsOnly(ports) && (to.length === 0 || to.some((peer) => leadsToApplication(peer, component, facts))),
  );
  return open ? undefined : own.map((policy) => ({ object: nameOf(policy), path: 'spec.egress' }));
}

function leadsToApplication(peer: unknown, component: Component, facts: Facts): boolean {
  if (at(peer, 'ipBlock') !== undefined) return true;
  const elsewhere = at(peer, 'namespaceSelector');
  const pods = at(peer, 'podSelector');
  const namespaces = new Set(
    elsewhere === undefined
      ? [component.namespace]
      : facts
          .list('namespaces')
          .filter(({ metadata }) =>
            selects(elsewhere, { 'kubernetes.io/metadata.name': metadata.name, ...metadata.labels }),
          )
          .map(({ metadata }) => metadata.name),
  );
  return facts.components.some(
    (other) =>
      other !== component &&
      namespaces.has(other.namespace) &&
      facts.classOf(other).class === 'application' &&
      other.workloads.some(({ podLabels }) => pods === undefined || selects(pods, podLabels)),
  );
}
