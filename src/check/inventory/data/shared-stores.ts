import { groupBy } from '../../../multimap.ts';
import type { Evidence } from '../../contract.ts';
import { contextOf } from '../declared/bounded-context.ts';
import { isOneApplication } from '../declared/one-application.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import type { Edge } from '../graph/edges.ts';
import { memoizeByIdentity } from '../memoize.ts';
import { perRun } from '../per-run.ts';
import { sharedReferences } from './secret-readers.ts';
import { storeKey, usersOfStores } from './store-users.ts';

/**
 * How close services are that use one store. database: the same database, proven · parts: the same database, with
 * schemas or logins of their own · schema: one server and login, other databases · server: nobody can tell.
 */
type Closeness = 'database' | 'parts' | 'schema' | 'server';

/** A store that this service and others use. */
export interface Sharing {
  with: readonly Component[];
  kind: Closeness;
  /** Where they belong together: processes of one application, or services of one declared context. */
  within?: 'application' | 'context';
  store: string;
  database?: string;
  /** The Secret whose value is the address, where all read the same key of it. */
  secret?: { name: string; key: string };
  /** What says so of this service, and of each of the others. */
  evidence: Evidence[];
}

/** One of the others; what says so is put together where it is shown. */
type Pair = Omit<Sharing, 'with' | 'evidence'> & { with: Component; mine(): Evidence[]; theirs(): Evidence[] };

/** As many of the others are shown with what they are told; of a store that hundreds use, the rest is the same again. */
const mostShown = 6;

const rank: Readonly<Record<Closeness, number>> = { database: 3, parts: 2, schema: 1, server: 0 };

/** Settings that name the database are absent for stores of one database only: key-value stores and caches. */
const hasNoNames = (edge: Edge): boolean => /^(redis|rediss|valkey|memcached|etcd)$/.test(edge.protocol);

const nameOfDatabase = ({ database, user }: Edge): string | undefined =>
  database && database !== user && /^[\w.-]{1,64}$/.test(database) ? database : undefined;

/** What the workload says: the address, or the ConfigMap that holds it and then the address there. */
function useOf(edge: Edge): Evidence[] {
  const { given, evidence } = edge;
  const database = nameOfDatabase(edge);
  const address = { ...evidence, value: `${evidence.value}${database ? `/${database}` : ''}` };
  if (!given) return [address];
  const isReference = given.path.endsWith('Ref');
  const holder = evidence.object.replace(/^.*\//, '');
  return [{ ...given, ...(isReference ? { path: `${given.path}.name`, value: holder } : {}) }, address];
}

const distinct = (evidence: readonly Evidence[]): Evidence[] => [
  ...new Map(evidence.map((each) => [JSON.stringify(each), each])).values(),
];

/** Every store that other applications use too, each of them where it is closest. */
export const sharingOf = (component: Component, facts: Facts): Sharing[] => sharings(facts)(component);

const sharings = perRun((facts) => memoizeByIdentity((component: Component) => findSharings(component, facts)));

function findSharings(component: Component, facts: Facts): Sharing[] {
  const closest = new Map<Component, Pair>();
  for (const pair of [...sharedAddresses(component, facts), ...referencesIn(component, facts)]) {
    const before = closest.get(pair.with);
    if (!before || rank[before.kind] < rank[pair.kind]) closest.set(pair.with, pair);
  }
  const placed = [...closest.values()].map((pair) => ({ ...pair, ...withinOf(component, pair.with) }));
  const alike = groupBy(placed, ({ kind, within, store, secret }) => [kind, within, store, secret?.key].join(' '));
  return [...alike.values()].map(together).sort((a, b) => rank[b.kind] - rank[a.kind] || (a.store < b.store ? -1 : 1));
}

function withinOf(component: Component, other: Component): Pick<Sharing, 'within'> {
  if (isOneApplication(component, other)) return { within: 'application' };
  const [own, theirs] = [contextOf(component), contextOf(other)];
  return own && own.value === theirs?.value && own.key === theirs.key ? { within: 'context' } : {};
}

function together(pairs: readonly Pair[]): Sharing {
  const sorted = [...pairs].sort((a, b) => (a.with.key < b.with.key ? -1 : 1));
  const { kind, within, store, database, secret } = sorted[0] as Pair;
  const shown = sorted.slice(0, mostShown);
  return {
    with: sorted.map((pair) => pair.with),
    kind,
    ...(within ? { within } : {}),
    store,
    ...(database && sorted.every((pair) => pair.database === database) ? { database } : {}),
    ...(secret ? { secret } : {}),
    evidence: distinct([...shown.flatMap(({ mine }) => mine()), ...shown.flatMap(({ theirs }) => theirs())]),
  };
}

function sharedAddresses(component: Component, facts: Facts): Pair[] {
  const { proven } = usersOfStores(facts);
  return facts.edgesFrom(component).flatMap((mine) => {
    if (mine.style !== 'store' || mine.offered) return [];
    const named = nameOfDatabase(mine);
    const store = mine.to?.name ?? mine.host;
    return (proven.get(storeKey(mine, facts)) ?? []).flatMap((theirs): Pair[] => {
      const kind = theirs.from === component ? undefined : closeness(mine, theirs);
      if (!kind) return [];
      const database = kind === 'database' || kind === 'parts' ? named : undefined;
      const evidence = { mine: () => useOf(mine), theirs: () => useOf(theirs) };
      return [{ with: theirs.from, kind, store, ...(database ? { database } : {}), ...evidence }];
    });
  });
}

const referencesIn = (component: Component, facts: Facts): Pair[] =>
  sharedReferences(component, facts).map(({ names, secret, ...shared }) => ({
    ...shared,
    kind: names,
    store: `Secret ${secret.name}`,
    secret,
  }));

const isMark = (name: string): boolean => name.startsWith('redacted_');

function closeness(mine: Edge, theirs: Edge): Closeness | undefined {
  const differ = (field: 'database' | 'user' | 'schema'): boolean =>
    mine[field] !== undefined && theirs[field] !== undefined && mine[field] !== theirs[field];
  if (!mine.database || !theirs.database) return 'server';
  // Marks of a recording say which of its own names are equal, and nothing of a name that can be read.
  if (isMark(mine.database) !== isMark(theirs.database)) return 'server';
  // Another database behind another login shares nothing but a machine.
  if (differ('database')) return differ('user') ? undefined : 'schema';
  if (hasNoNames(mine)) return 'server';
  return differ('schema') || differ('user') ? 'parts' : 'database';
}
