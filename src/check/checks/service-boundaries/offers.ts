import { type Offer, offersOf } from '../../inventory/data/store-users.ts';
import { isOneApplication } from '../../inventory/declared/one-application.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { some } from './names.ts';
import type { Found } from './reasons.ts';

/** Addresses that several are given together: who uses which nobody can tell. */
export function judgeOffers(component: Component, facts: Facts, declared: boolean): Found[] {
  const offers = offersOf(component, facts)
    .map((offer) => ({ ...offer, with: offer.with.filter((other) => !isOneApplication(component, other)) }))
    .filter((offer) => offer.with.length > 0);
  const named = offers.filter((offer) => offer.named);
  const toNames = (all: readonly Offer[]) => [...new Set(all.flatMap((offer) => offer.with.map(({ name }) => name)))];
  const found = (all: readonly Offer[], status: 'unknown' | 'note'): Found => ({
    status,
    reason: 'STORE_OFFERED',
    message: `one list of addresses names ${some(all.map(({ store }) => store))} to it and to ${some(toNames(all))}; which of them use what is not visible`,
    evidence: all.slice(0, 3).flatMap(({ evidence }) => evidence),
    fix: 'Give each service the addresses that it uses, and no others.',
    key: all
      .map(({ store }) => store)
      .join(' ')
      .slice(0, 200),
  });
  return [
    ...offers.filter((offer) => !offer.named).map((offer) => found([offer], declared ? 'unknown' : 'note')),
    ...(named.length > 0 ? [found(named, 'note')] : []),
  ];
}
