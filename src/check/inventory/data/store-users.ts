import { append } from '../../../multimap.ts';
import type { Evidence } from '../../contract.ts';
import type { Facts } from '../facts.ts';
import { storeOf } from '../graph/address-lists.ts';
import type { Component } from '../graph/components.ts';
import type { Edge } from '../graph/edges.ts';
import { perRun } from '../per-run.ts';

type Users = ReadonlyMap<string, readonly Edge[]>;

/** Applications by the store that they use, or that a list offers them. */
export const usersOfStores = perRun((facts): { proven: Users; offered: Users; named: ReadonlySet<string> } => {
  const proven = new Map<string, Edge[]>();
  const offered = new Map<string, Edge[]>();
  for (const edge of facts.edges) {
    // Jobs (migrations, backups) and the platform (exporters) work on a store in somebody's name.
    if (edge.style !== 'store' || facts.classOf(edge.from).class !== 'application') continue;
    append(edge.offered ? offered : proven, storeOf(edge), edge);
  }
  const named = [...offered].filter(([store, edges]) => {
    const users = new Set([...edges, ...(proven.get(store) ?? [])].map(({ from }) => from.name));
    const texts = new Set(edges.map(({ host, setting }) => `${host} ${setting}`));
    return [...texts].some((text) => [...users].some((name) => bearsName(text, name)));
  });
  return { proven, offered, named: new Set(named.map(([store]) => store)) };
});

/** A store that this service and others may share: a list of addresses names it to one of them, or to all. */
export interface Offer {
  store: string;
  with: Component[];
  /** It bears the name of one of them: that one's, as far as a name can tell. */
  named: boolean;
  evidence: Evidence[];
}

export function offersOf(component: Component, facts: Facts): Offer[] {
  const { proven, offered, named } = usersOfStores(facts);
  const offers = new Map<string, Offer>();
  for (const mine of facts.edgesFrom(component)) {
    const store = storeOf(mine);
    if (mine.style !== 'store' || offers.has(store)) continue;
    const theirs = [...(mine.offered ? (proven.get(store) ?? []) : []), ...(offered.get(store) ?? [])].filter(
      ({ from }) => from !== component,
    );
    if (theirs.length === 0) continue;
    offers.set(store, {
      store: mine.to?.name ?? mine.host,
      with: [...new Set(theirs.map(({ from }) => from))],
      named: named.has(store),
      evidence: [mine.evidence],
    });
  }
  return [...offers.values()];
}

/** `ORDERS_DB_URL` and `orders-db` are named after orders-service. */
function bearsName(text: string, service: string): boolean {
  const stem = service.replace(/[-_.]?(service|svc|server|api|app|backend)$/, '').replace(/s$/, '');
  const words = text.toLowerCase().split(/[^a-z0-9]+/);
  const own = stem.toLowerCase().split(/[^a-z0-9]+/);
  return own.every((part) => part !== '' && words.some((word) => word === part || word === `${part}s`));
}
