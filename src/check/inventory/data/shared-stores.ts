import { append } from '../../../multimap.ts';
import type { Evidence } from '../../contract.ts';
import type { Configuration } from '../configuration/references.ts';
import { storeNamedBy } from '../configuration/secret-names.ts';
import type { SecretUse } from '../configuration/settings.ts';
import type { Facts } from '../facts.ts';
import { storeOf } from '../graph/address-lists.ts';
import type { Component } from '../graph/components.ts';
import type { Edge } from '../graph/edges.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';

/** How close two services are that use one store. */
export interface Sharing {
  with: Component;
  /** database: the same database, proven · schema: one server and login, other databases · server: nobody can tell. */
  kind: 'database' | 'schema' | 'server';
  store: string;
  /** The Secret whose value is the address, where both read the same key of it. */
  secret?: { name: string; key: string };
  evidence: Evidence[];
}

/** Settings that name the database are absent for stores of one database only: key-value stores and caches. */
const hasNoNames = (edge: Edge): boolean => /^(redis|rediss|valkey|memcached|etcd)$/.test(edge.protocol);

/** Where the workload is given the address, and the database in it, which is what the claim is about. */
const useOf = ({ given, evidence, database, user }: Edge): Evidence => ({
  ...evidence,
  ...given,
  value: `${evidence.value}${database && database !== user && /^[\w.-]{1,64}$/.test(database) ? `/${database}` : ''}`,
});

/** The ConfigMap that it comes from, where the workload only names that. */
const sourceOf = ({ given, evidence }: Edge): Evidence[] => (given ? [evidence] : []);

const distinct = (evidence: readonly Evidence[]): Evidence[] => [
  ...new Map(evidence.map((each) => [JSON.stringify(each), each])).values(),
];

type Users = ReadonlyMap<string, readonly Edge[]>;

const usersOfStores = perRun((facts): { proven: Users; offered: Users; named: ReadonlySet<string> } => {
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

/** Every other application that uses a store of this one, the closest sharing of each. */
export function sharingOf(component: Component, facts: Facts): Sharing[] {
  const { proven } = usersOfStores(facts);
  const closest = new Map<Component, Sharing>();
  const rank = { database: 3, schema: 2, server: 1 };
  for (const mine of facts.edgesFrom(component)) {
    if (mine.style !== 'store' || mine.offered) continue;
    for (const theirs of proven.get(storeOf(mine)) ?? []) {
      if (theirs.from === component) continue;
      const kind = closeness(mine, theirs);
      if (!kind) continue;
      const before = closest.get(theirs.from);
      if (before && rank[before.kind] >= rank[kind]) continue;
      closest.set(theirs.from, {
        with: theirs.from,
        kind,
        store: mine.to?.name ?? mine.host,
        evidence: distinct([...[mine, theirs].map(useOf), ...[mine, theirs].flatMap(sourceOf)]),
      });
    }
  }
  for (const shared of sharedReferences(component, facts)) {
    const before = closest.get(shared.with);
    if (!before || rank[before.kind] < rank[shared.kind]) closest.set(shared.with, shared);
  }
  return [...closest.values()].sort((a, b) => rank[b.kind] - rank[a.kind] || (a.with.key < b.with.key ? -1 : 1));
}

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

function closeness(mine: Edge, theirs: Edge): Sharing['kind'] | undefined {
  if (mine.database && theirs.database) {
    if (mine.database === theirs.database) return hasNoNames(mine) ? 'server' : 'database';
    // Another database behind another login shares nothing but a machine.
    return mine.user && theirs.user && mine.user !== theirs.user ? undefined : 'schema';
  }
  return 'server';
}

interface Reader {
  component: Component;
  use: Configuration['secretUses'][number];
  names: 'database' | 'server';
  /** A database that its plain settings name. */
  database: string | undefined;
  /** The database that it asks a proxy beside it for, which stands before this server alone, and where that is said. */
  behind?: { database: string; evidence: Evidence };
}

const local = /\/\/(?:[^@/\s]{0,256}@)?(?:localhost|127\.0\.0\.1)(?::\d{1,5})?\/([\w.-]{1,64})/i;

/** Where the one proxy of a service leads, the one database leads that it looks for on its own machine. */
function behindProxy(component: Component, facts: Facts): Reader['behind'] {
  const { secretUses, settings } = facts.configuration(component);
  if (secretUses.filter((use) => use.proxy && storeNamedBy(use)).length !== 1) return undefined;
  const found = settings.flatMap(({ source, name, value, configMap, path }) => {
    const database = source === 'variable' ? local.exec(value)?.[1] : undefined;
    const object = configMap ? `ConfigMap ${component.namespace}/${configMap}` : workloadNames(component);
    return database && isStore(name, value) ? [{ database, evidence: { object, path, value: `…/${database}` } }] : [];
  });
  return new Set(found.map(({ database }) => database)).size === 1 ? found[0] : undefined;
}

const workloadNames = ({ workloads }: Component): string => workloads.map(workloadName).join(', ');

/** Not a page of a web server on its own machine. */
const isStore = (name: string, value: string): boolean =>
  /^(jdbc:)?(postgres|postgresql|mysql|mariadb|sqlserver)[\w+]*:/i.test(value.trim()) ||
  /database|datasource|db/i.test(name);

const referenceOf = ({ namespace }: Component, { secret, key }: SecretUse): string => `${namespace}/${secret}/${key}`;

/** What of its Secrets a service reads as addresses of stores. */
function readersIn(component: Component, facts: Facts): Reader[] {
  const { secretUses, settings } = facts.configuration(component);
  const stores = secretUses.map((use) => ({ use, names: storeNamedBy(use) }));
  if (!stores.some(({ names }) => names)) return [];
  const plain = settings.filter(({ source }) => source !== 'file');
  const database = plain.find(({ name }) => databaseName.test(name))?.value;
  return stores.flatMap(({ use, names }) => {
    // `$(DB_URL)/orders`: the address goes on where everybody can read it.
    const goesOn = plain.some(({ value }) => value.includes(`$(${use.variable})`));
    const behind = use.proxy ? behindProxy(component, facts) : undefined;
    return names ? [{ component, use, names: goesOn ? 'server' : names, database, ...(behind ? { behind } : {}) }] : [];
  });
}

/** Applications by the key of a Secret that they read as the address of a store ("shop/database/url"), and by component. */
const readersOfSecrets = perRun(
  (facts): { byKey: ReadonlyMap<string, readonly Reader[]>; byParty: ReadonlyMap<Component, readonly Reader[]> } => {
    const byKey = new Map<string, Reader[]>();
    const byParty = new Map<Component, Reader[]>();
    for (const component of facts.components) {
      if (facts.classOf(component).class !== 'application') continue;
      const readers = readersIn(component, facts);
      byParty.set(component, readers);
      for (const reader of readers) append(byKey, referenceOf(component, reader.use), reader);
    }
    return { byKey, byParty };
  },
);

/** Two that are given one value as the address of a store use one store, whatever the value is. */
function sharedReferences(component: Component, facts: Facts): Sharing[] {
  const { byKey, byParty } = readersOfSecrets(facts);
  return (byParty.get(component) ?? []).flatMap((mine) =>
    (byKey.get(referenceOf(component, mine.use)) ?? [])
      .filter((theirs) => theirs.component !== component)
      .map((theirs): Sharing => {
        const apart = mine.database && theirs.database && mine.database !== theirs.database;
        const { secret, key = '' } = mine.use;
        const known = mine.names === 'database' && theirs.names === 'database' && !apart;
        const behind = mine.behind !== undefined && mine.behind.database === theirs.behind?.database;
        return {
          with: theirs.component,
          kind: known || behind ? 'database' : 'server',
          store: `Secret ${secret}`,
          secret: { name: secret, key },
          evidence: distinct([
            ...[mine, theirs].map(({ use: { object, path } }) => ({ object, path, value: `${secret}, key ${key}` })),
            ...(behind ? [mine, theirs].flatMap((reader) => reader.behind?.evidence ?? []) : []),
          ]),
        };
      }),
  );
}

const databaseName = /(database|db|pg|postgres|mysql|sql)\w*(name|schema)$|^(pgdatabase|postgres_db|mysql_database)$/i;
