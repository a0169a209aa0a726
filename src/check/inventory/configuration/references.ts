import { imageReference } from '../kubernetes/images.ts';
import type { Container } from '../kubernetes/types.ts';
import { type Workload, workloadName } from '../kubernetes/workloads.ts';
import { sidecarKind } from '../technologies/sidecars.ts';
import { type Address, addressesIn, databaseByUser } from './address.ts';
import { addressesInFile } from './file-addresses.ts';
import { type ConfigMaps, type SecretUse, type Setting, settingsOf } from './settings.ts';

/** An address that a workload was told, and where. */
export interface Reference extends Address {
  setting: string;
  source: Setting['source'];
  /** "Deployment shop/orders" or "ConfigMap shop/settings". */
  object: string;
  path: string;
  /** What in the workload brings in the ConfigMap that holds it. */
  given?: { object: string; path: string };
  /** What is given together with it, to whoever takes it: "shop/settings". */
  bundle?: string;
}

/** Everything that a workload, or a component, is configured with. */
export interface Configuration {
  references: Reference[];
  settings: Setting[];
  secrets: string[];
  /** Each use of them, with the object that it stands in. */
  secretUses: (SecretUse & { object: string })[];
  /** A ConfigMap that it names was not seen. */
  missing: string[];
}

/** The containers that are the app: not those that a mesh put beside it (alone, one of those is the app), not init containers. */
export const appContainers = ({ spec }: Workload) => {
  const beside = spec.containers.filter(({ name }) => sidecarKind(name) === undefined);
  return beside.length > 0 ? beside : spec.containers;
};

/** A setting's name that says its value is a host. */
const hostName =
  /(^|[_.-])(host|hostname|hosts|addr|address|server|servers|endpoint|url|uri|service|broker|brokers|upstream|target|dsn)$|^pghost$/i;

/** Its port stands in a setting of its own: `QUEUE_HOST` and `QUEUE_PORT`. */
const portBeside = (setting: Setting, all: ReadonlyMap<string, string>): number | undefined => {
  if (setting.name === 'PGHOST') return Number(all.get('PGPORT') ?? 5432) || undefined;
  const stem = setting.name.replace(/[_.-]?(host|hostname|addr|address|server|service|endpoint|url|uri)$/i, '');
  const names = [`${stem}_PORT`, `${stem}_port`, `${stem}.port`, `${setting.name}_PORT`, `${stem}_UI_PORT`];
  const digits = names.map((name) => all.get(name)).find((value) => value !== undefined);
  return digits && /^\d{1,5}$/.test(digits) ? Number(digits) : undefined;
};

const databaseEnds = ['_NAME', '_DATABASE', '_DB', '_DB_NAME', '_DBNAME', '_SCHEMA', '_DATABASE_NAME'];
const userEnds = ['_USER', '_USERNAME', '_USER_NAME', '_LOGIN'];

/** What stands in settings of its own: `ORDER_DB_NAME` and `ORDER_DB_USER` beside `ORDER_DB_URI`. */
function partsBeside(
  setting: Setting,
  all: ReadonlyMap<string, string>,
): { database?: string; schema?: string; user?: string } {
  // The variables of libpq, which takes the login's name where no database is named.
  if (setting.name === 'PGHOST') {
    const [database, user] = [all.get('PGDATABASE') || all.get('PGUSER'), all.get('PGUSER')];
    return { ...(database ? { database } : {}), ...(user ? { user } : {}) };
  }
  const stem = setting.name.replace(/[_.-]?(host|hostname|addr|address|server|endpoint|url|uri|dsn)$/i, '');
  const beside = (ends: readonly string[]): string | undefined =>
    ends.map((end) => all.get(`${stem}${end}`)).find((value) => value !== undefined && value !== '');
  const [database, schema, user] = [databaseEnds, ['_SCHEMA'], userEnds].map(beside);
  return {
    ...(database ? { database } : {}),
    ...(schema && schema !== database ? { schema } : {}),
    ...(user ? { user } : {}),
  };
}

/** A name that stands in a setting of another stem: `DB_NAME` with `POSTGRES_URL`. */
const otherName = /(database|db)_?name$|[_.-](db|database|schema)$|^pgdatabase$/i;

function byUser(address: Address, all: ReadonlyMap<string, string>): string | undefined {
  const user = databaseByUser(address);
  return user && ![...all.keys()].some((name) => otherName.test(name)) ? user : undefined;
}

function addressesOf(setting: Setting, all: ReadonlyMap<string, string>): Address[] {
  if (setting.source === 'variable') {
    // `SPRING_APPLICATION_JSON` is a file in a variable.
    const found = /^\s*\{/.test(setting.value) ? addressesInFile(setting.value) : addressesIn(setting.value);
    return found
      .filter(
        ({ certain, host }) =>
          certain || hostName.test(setting.name) || /\.svc(\.|$)/.test(host) || portBeside(setting, all) !== undefined,
      )
      .map((address) => {
        const port = address.port ?? (address.certain ? undefined : portBeside(setting, all));
        const beside = partsBeside(setting, all);
        const database = address.database ?? beside.database ?? byUser(address, all);
        return { ...beside, ...address, ...(port ? { port } : {}), ...(database ? { database } : {}) };
      });
  }
  const found = setting.source === 'file' ? addressesInFile(setting.value) : addressesIn(setting.value);
  const distinct = new Map<string, Address>();
  for (const address of found) {
    if (!address.certain) continue;
    const database = address.database ?? (setting.source === 'argument' ? byUser(address, all) : undefined);
    const full = database ? { ...address, database } : address;
    distinct.set(`${full.scheme} ${full.host} ${full.port} ${full.database}`, full);
  }
  return [...distinct.values()];
}

/** Files repeat in many workloads: each is scanned once. */
export type FileCache = Map<string, Address[]>;

export function configurationOf(workload: Workload, configMaps: ConfigMaps, files: FileCache): Configuration {
  const configuration: Configuration = { references: [], settings: [], secrets: [], secretUses: [], missing: [] };
  const object = workloadName(workload);
  for (const container of appContainers(workload)) {
    const at = `${workload.specPath}.containers[${workload.spec.containers.indexOf(container)}]`;
    const settings = settingsOf(container, workload.spec, at, workload.namespace, configMaps);
    const all = new Map(
      settings.list.filter(({ source }) => source === 'variable').map(({ name, value }) => [name, value]),
    );
    for (const setting of settings.list) {
      const key = setting.source === 'file' ? `${workload.namespace}/${setting.configMap}/${setting.name}` : undefined;
      const addresses = (key && files.get(key)) || addressesOf(setting, all);
      if (key) files.set(key, addresses);
      const holder = setting.configMap ? `ConfigMap ${workload.namespace}/${setting.configMap}` : object;
      for (const address of addresses)
        configuration.references.push({
          ...address,
          setting: setting.name,
          source: setting.source,
          object: holder,
          path: setting.path,
          ...(setting.given ? { given: { object, path: setting.given } } : {}),
          ...(setting.bundle ? { bundle: `${workload.namespace}/${setting.bundle}` } : {}),
        });
    }
    configuration.settings.push(...settings.list);
    if (!isDatabaseProxy(container))
      configuration.secretUses.push(...settings.secretUses.map((use) => ({ ...use, object })));
    configuration.secrets.push(...settings.secrets);
    configuration.missing.push(...settings.missing);
  }
  for (const [container, at] of databaseProxies(workload)) {
    const { secrets, secretUses } = settingsOf(container, workload.spec, at, workload.namespace, configMaps);
    configuration.secretUses.push(...secretUses.map((use) => ({ ...use, object, proxy: true as const })));
    configuration.secrets.push(...secrets);
  }
  return configuration;
}

const isDatabaseProxy = ({ image }: Container): boolean =>
  image !== undefined &&
  /cloud[-_]?sql[-_]proxy|gce-proxy|alloydb-auth-proxy|pgbouncer|pgpool|proxysql/.test(
    imageReference(image).repository,
  );

/** Proxies between an app and its database: where they lead, it leads. */
const databaseProxies = ({ spec, specPath }: Workload): [Container, string][] => {
  const find = (field: 'containers' | 'initContainers') =>
    (spec[field] ?? []).map((container, index): [Container, string] => [container, `${specPath}.${field}[${index}]`]);
  const beside = find('initContainers').filter(([{ restartPolicy }]) => restartPolicy === 'Always');
  return [...find('containers'), ...beside].filter(([container]) => isDatabaseProxy(container));
};
