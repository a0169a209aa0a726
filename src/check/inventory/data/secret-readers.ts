import { append } from '../../../multimap.ts';
import type { Evidence } from '../../contract.ts';
import type { Configuration } from '../configuration/references.ts';
import { storeNamedBy } from '../configuration/secret-names.ts';
import type { SecretUse } from '../configuration/settings.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';

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

/** A value of a Secret that this service and another read as the address of a store: one store, whatever the value is. */
export interface SharedReference {
  with: Component;
  names: 'database' | 'server';
  secret: { name: string; key: string };
  mine(): Evidence[];
  theirs(): Evidence[];
}

const evidenceOf = ({ use: { object, path, secret, key }, behind }: Reader, isBehind: boolean): Evidence[] => [
  { object, path, value: `${secret}, key ${key}` },
  ...(isBehind && behind ? [behind.evidence] : []),
];

export function sharedReferences(component: Component, facts: Facts): SharedReference[] {
  const { byKey, byParty } = readersOfSecrets(facts);
  return (byParty.get(component) ?? []).flatMap((mine) =>
    (byKey.get(referenceOf(component, mine.use)) ?? [])
      .filter((theirs) => theirs.component !== component)
      .map((theirs): SharedReference => {
        const apart = mine.database && theirs.database && mine.database !== theirs.database;
        const { secret, key = '' } = mine.use;
        const known = mine.names === 'database' && theirs.names === 'database' && !apart;
        const behind = mine.behind !== undefined && mine.behind.database === theirs.behind?.database;
        return {
          with: theirs.component,
          names: known || behind ? 'database' : 'server',
          secret: { name: secret, key },
          mine: () => evidenceOf(mine, behind),
          theirs: () => evidenceOf(theirs, behind),
        };
      }),
  );
}

const databaseName = /(database|db|pg|postgres|mysql|sql)\w*(name|schema)$|^(pgdatabase|postgres_db|mysql_database)$/i;
