import { memoize } from '../memoize.ts';
import { grpcTarget, withoutLookup, withoutPortName } from './grpc-target.ts';

/** An address as it stands in a setting. */
export interface Address {
  scheme?: string;
  host: string;
  port?: number;
  /** Last part of a store's URL, or `Database=` of a connection string. */
  database?: string;
  /** Part of the database that it works in, where the address says so. */
  schema?: string;
  /** user of the address: tells logins on one server apart; never shown. */
  user?: string;
  /** False for a lone word, which may be anything: it counts only where the setting's name says that it is a host. */
  certain: boolean;
}

const dnsName = /^[a-z0-9]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63}){0,8}\.?$/i;
const ipv4 = /^\d{1,3}(\.\d{1,3}){3}$/;

export const isIp = (host: string): boolean => ipv4.test(host);

/** Names of the machine itself: a setting that holds one says nothing about other services. */
export const isSelf = (host: string): boolean =>
  /^(localhost|0\.0\.0\.0|127\.\d+\.\d+\.\d+|169\.254\.\d+\.\d+|host\.docker\.internal|255\.255\.255\.255)\.?$/i.test(
    host,
  );

/** Longest text that is scanned; settings are short, and a file of this size is data. */
const limit = 256 * 1024;

const port = (digits: string | undefined): number | undefined => {
  const number = digits && /^\d{1,5}$/.test(digits) ? Number(digits) : undefined;
  return number !== undefined && number > 0 && number < 65536 ? number : undefined;
};

const databaseOf = (path: string): string | undefined => {
  const name = path.slice(1).split(/[/?#;]/, 1)[0];
  return name || undefined;
};

/** `currentSchema=sales` of JDBC, `schema=sales` of Prisma, `search_path=sales` of libpq, also within `options=`. */
const schemaOf = (query: string): string | undefined =>
  /(?:[?&;\s]|^|%20|-c(?:%20)?)(?:current_?schema|schema|search_?path)(?:=|%3D)([\w.-]{1,64})/i.exec(
    query.slice(0, 4096),
  )?.[1];

/** One word of a setting as an address, or undefined. Linear in the length of the word. */
function addressOf(written: string): Address | undefined {
  const target = grpcTarget(written);
  if (target) {
    const number = port(target.port);
    return {
      scheme: target.scheme,
      host: target.host.toLowerCase(),
      ...(number ? { port: number } : {}),
      certain: true,
    };
  }
  const word = withoutLookup(written);
  const separator = word.indexOf('://');
  if (separator > 0) {
    const scheme = /([a-z][a-z0-9+.-]*)$/i.exec(word.slice(Math.max(0, separator - 40), separator))?.[1]?.toLowerCase();
    if (!scheme) return undefined;
    const rest = word.slice(separator + 3);
    const end = rest.search(/[/?#;]/);
    const authority = end < 0 ? rest : rest.slice(0, end);
    const user = authority.includes('@') ? authority.slice(0, authority.lastIndexOf('@')).split(':', 1)[0] : undefined;
    const hostPort = withoutPortName(authority.slice(authority.lastIndexOf('@') + 1).replace(/^tcp\(|\)$/g, ''));
    const [host = '', digits] = hostPort.split(':', 2);
    if (!dnsName.test(host)) return undefined;
    const database = end < 0 || /^https?$|^grpc/.test(scheme) ? undefined : databaseOf(rest.slice(end));
    const number = port(digits);
    return {
      scheme,
      host: host.toLowerCase(),
      ...(number ? { port: number } : {}),
      ...(database ? { database } : {}),
      ...(user ? { user } : {}),
      certain: true,
    };
  }
  const bare = word.slice(word.lastIndexOf('@') + 1);
  const slash = bare.indexOf('/');
  const hostPort = (slash < 0 ? bare : bare.slice(0, slash)).replace(/^tcp\(|\)$/g, '');
  const colon = hostPort.indexOf(':');
  // `app@tcp(db)/shop`, as Go's driver of MySQL writes it: the port that it takes is known.
  if (colon < 0 && /@tcp\(/.test(word)) return addressOf(word.replace(/@tcp\(([^)]*)\)/, '@tcp($1:3306)'));
  if (colon < 0) return dnsName.test(hostPort) ? { host: hostPort.toLowerCase(), certain: false } : undefined;
  const host = hostPort.slice(0, colon);
  const number = port(hostPort.slice(colon + 1));
  if (number === undefined || number < 10 || !dnsName.test(host) || !/[a-z]/i.test(host) === !isIp(host))
    return undefined;
  const user = word.includes('@') ? word.slice(0, word.lastIndexOf('@')).split(':', 1)[0] : undefined;
  const database = user && slash >= 0 ? databaseOf(bare.slice(slash)) : undefined;
  return {
    host: host.toLowerCase(),
    port: number,
    ...(database ? { database } : {}),
    ...(user ? { user } : {}),
    certain: true,
  };
}

const serverKeys = ['host', 'server', 'datasource', 'addr', 'address', 'networkaddress', 'servername'];
const schemaKeys = ['searchpath', 'currentschema', 'schema'];
const databaseKeys = ['database', 'initialcatalog', 'databasename', 'dbname'];
const userKeys = ['username', 'userid', 'user', 'uid'];

/** `Server=db;Port=5432;Database=shop`, as .NET and ODBC write it, with blanks between as libpq does, or after JDBC's host. */
export function connectionString(value: string): Address | undefined {
  if (value.length > 4096) return undefined;
  const isLibpq = !value.includes(';');
  const [first = '', ...rest] = isLibpq ? value.split(/\s+(?=\w+\s*=)/) : value.split(';');
  const begun = /^\s*(?:jdbc:)?(sqlserver):\/\/([^\s;]+)$/i.exec(first);
  const pairs = new Map<string, string>();
  for (const pair of begun ? rest : [first, ...rest]) {
    const equals = pair.indexOf('=');
    if (equals > 0)
      pairs.set(pair.slice(0, equals).trim().toLowerCase().replace(/[\s_]/g, ''), pair.slice(equals + 1).trim());
  }
  const get = (keys: readonly string[]): string | undefined =>
    // What is filled in later may differ in two files that write it alike.
    keys.map((key) => pairs.get(key)).find((found) => found !== undefined && found !== '' && !/\$[({]/.test(found));
  const server = begun?.[2] ?? get(serverKeys);
  if ((pairs.size < 2 && !begun) || !server) return undefined;
  const [place = '', digits] = server.replace(/^tcp:/i, '').split(/[,:]/, 2);
  // `db\SQLEXPRESS`: an instance of a server.
  const host = place.split('\\', 1)[0] ?? '';
  if (!dnsName.test(host)) return undefined;
  const number = port(digits ?? pairs.get('port') ?? pairs.get('portnumber'));
  const user = get(userKeys);
  const database = get(databaseKeys) ?? (isLibpq ? user : undefined);
  const schema = get(schemaKeys) ?? schemaOf(get(['options']) ?? '');
  return {
    ...(begun ? { scheme: 'sqlserver' } : {}),
    host: host.toLowerCase(),
    ...(number ? { port: number } : {}),
    ...(database ? { database } : {}),
    ...(schema ? { schema } : {}),
    ...(user ? { user } : {}),
    certain: true,
  };
}

/** A value that is a host as a whole, with or without its port. */
export function hostOf(value: string): { host: string; port?: number } | undefined {
  const [host = '', digits, ...rest] = value.split(':');
  if (!dnsName.test(host) || !/[a-z]/i.test(host) || rest.length > 0) return undefined;
  const number = port(digits);
  return digits !== undefined && number === undefined
    ? undefined
    : { host: host.toLowerCase(), ...(number ? { port: number } : {}) };
}

/** Where a client of PostgreSQL is told no database, it takes the one with the user's name. */
export const databaseByUser = ({ scheme, user }: Address): string | undefined =>
  scheme && /^postgres(ql)?$/.test(scheme) ? user : undefined;

const severalHosts =
  /([a-z][a-z0-9+.-]{0,39}:\/\/)([^@/\s,"'`<>|]{0,256}@)?((?:[\w.-]{1,253}(?::\d{1,5})?,){1,32}[\w.-]{1,253}(?::\d{1,5})?)(?=[/?\s"'`]|$)(\/[\w.-]*)?/gi;

/** `mongodb://a:27017,b:27017/shop` as one address for each host. */
const oneByOne = (value: string): string =>
  value.includes('://') && value.includes(',')
    ? value.replace(severalHosts, (_, scheme: string, user = '', hosts: string, path = '') =>
        hosts
          .split(',')
          .map((host) => `${scheme}${user}${host}${path}`)
          .join(' '),
      )
    : value;

/** Longer values are seldom those of another service too, and would be kept for nothing. */
const repeats = 256;

/** Every address in a setting's value. Placeholders that nobody filled (`$X`, `${X}`, `{{x}}`) give none. */
export const addressesIn = (value: string): readonly Readonly<Address>[] =>
  value.length <= repeats ? addressesInShort(value) : value.length <= limit ? findAddresses(value) : [];

const addressesInShort = memoize(findAddresses);

function findAddresses(value: string): Address[] {
  const connection = value.includes('=') ? connectionString(value) : undefined;
  if (connection) return [connection];
  const found: Address[] = [];
  for (const word of oneByOne(value).split(/[\s,;"'`<>|=[\]]+/)) {
    if (word.length < 2 || word.length > 512 || /[${}*\\]/.test(word)) continue;
    const address = addressOf(word.replace(/[).]+$/, ''));
    if (address && !isSelf(address.host)) found.push(address);
  }
  const schema = value.includes('?') ? schemaOf(value) : undefined;
  const [only, another] = found.filter(({ database }) => database !== undefined);
  if (schema && only && !another) only.schema = schema;
  // Only a value that is one word as a whole can be a bare host.
  return found
    .filter(({ certain }) => certain || found.length === 1)
    .filter(({ certain }) => certain || !/\s/.test(value.trim()));
}
