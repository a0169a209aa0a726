import type { Evidence } from '../contract.ts';
import { append } from './append.ts';
import type { Facts } from './facts.ts';
import type { Edge } from './graph.ts';
import { onceARun } from './once-a-run.ts';
import { type Party, partyKey } from './parties.ts';

/** How close two services are that use one store. */
export interface Sharing {
  with: Party;
  /** database: the same database, proven · schema: one server and login, other databases · server: nobody can tell. */
  kind: 'database' | 'schema' | 'server';
  store: string;
  evidence: Evidence[];
}

const storeOf = (edge: Edge): string =>
  edge.to ? partyKey(edge.to.namespace, edge.to.name) : `${edge.host}:${edge.port ?? ''}`;

/** Settings that name the database are absent for stores of one database only: key-value stores and caches. */
const hasNoNames = (edge: Edge): boolean => /^(redis|rediss|valkey|memcached|etcd)$/.test(edge.protocol);

const usersOfStores = onceARun((facts): ReadonlyMap<string, readonly Edge[]> => {
  const users = new Map<string, Edge[]>();
  for (const edge of facts.edges) {
    // Jobs (migrations, backups) and the platform (exporters) work on a store in somebody's name.
    if (edge.style !== 'store' || facts.classOf(edge.from).class !== 'application') continue;
    const key = storeOf(edge);
    append(users, key, edge);
  }
  return users;
});

/** Every other application that uses a store of this one, the closest sharing of each. */
export function sharingOf(party: Party, facts: Facts): Sharing[] {
  const users = usersOfStores(facts);
  const closest = new Map<Party, Sharing>();
  const rank = { database: 3, schema: 2, server: 1 };
  for (const mine of facts.edgesFrom(party)) {
    if (mine.style !== 'store') continue;
    for (const theirs of users.get(storeOf(mine)) ?? []) {
      if (theirs.from === party) continue;
      const kind = closeness(mine, theirs);
      if (!kind) continue;
      const before = closest.get(theirs.from);
      if (before && rank[before.kind] >= rank[kind]) continue;
      closest.set(theirs.from, {
        with: theirs.from,
        kind,
        store: mine.to?.name ?? mine.host,
        evidence: [mine.evidence, theirs.evidence],
      });
    }
  }
  return [...closest.values()].sort((a, b) => rank[b.kind] - rank[a.kind] || (a.with.key < b.with.key ? -1 : 1));
}

function closeness(mine: Edge, theirs: Edge): Sharing['kind'] | undefined {
  if (mine.database && theirs.database) {
    if (mine.database === theirs.database) return hasNoNames(mine) ? 'server' : 'database';
    // Another database behind another login shares nothing but a machine.
    return mine.user && theirs.user && mine.user !== theirs.user ? undefined : 'schema';
  }
  return 'server';
}
