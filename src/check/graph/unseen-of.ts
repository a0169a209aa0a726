import type { Gap, Unseen } from '../contract.ts';
import { meaningOf } from '../inventory/configuration/secret-names.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { distinctGaps } from '../inventory/ledger.ts';
import { memoize } from '../inventory/memoize.ts';
import { registryOf } from '../inventory/traffic/registries.ts';
import { routeParts } from '../inventory/traffic/routes/routes.ts';

/** What keeps edges out of sight, each with the services that it concerns. */
export function unseenOf(facts: Facts, id: (component: Component) => string): Unseen[] {
  const applications = facts.subjects.filter((component) => facts.classOf(component).class === 'application');
  const of = applications.length;
  const told: Unseen[] = [];
  const tell = (reason: Unseen['reason'], found: readonly Component[], message: string, gaps?: Gap[]): void => {
    if (found.length > 0) told.push({ reason, message, nodes: found.map(id), ...(gaps ? { gaps } : {}) });
  };

  const alone = applications.filter((component) =>
    facts.edgesFrom(component).every(({ style, offered }) => style === 'platform' || offered),
  );
  tell(
    'NO_ADDRESS',
    alone,
    `${alone.length} of ${of} applications show no address of another service: what they use may stand in their code or image, and none of that is visible`,
  );
  const secret = applications.filter((component) =>
    facts.configuration(component).secretUses.some((use) => meaningOf(use) === 'address'),
  );
  tell(
    'IN_SECRETS',
    secret,
    `${secret.length} of ${of} applications take addresses from Secrets, which are never read: where those lead is not visible`,
  );
  const registered = applications.filter((component) => registryOf(component, facts) !== undefined);
  tell(
    'BY_REGISTRY',
    registered,
    `${registered.length} of ${of} applications find others through a registry: whom they call is not visible`,
  );
  const lost = applications.map((component) => ({
    component,
    gaps: facts.hiddenFrom(component, ['services', 'configmaps', 'pods'], 'all'),
  }));
  const blind = lost.filter(({ gaps }) => gaps.length > 0);
  tell(
    'NOT_READ',
    blind.map(({ component }) => component),
    `lists that would show edges of ${blind.length} of ${of} applications could not be read`,
    distinctGaps(blind.flatMap(({ gaps }) => gaps)),
  );
  const doors = memoize((namespace) => facts.ledger.gaps(routeParts, namespace));
  const hidden = facts.subjects.filter(({ namespace }) => doors(namespace).length > 0);
  tell(
    'WAYS_IN_NOT_READ',
    hidden,
    `routes that may lead into ${hidden.length} of ${facts.subjects.length} services could not be read`,
    distinctGaps([...new Set(hidden.map(({ namespace }) => namespace))].flatMap(doors)),
  );
  return told;
}
