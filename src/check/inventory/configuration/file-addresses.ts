import { wellKnownPorts } from '../technologies/ports.ts';
import { type Address, addressesIn, connectionString, hostOf, isSelf } from './address.ts';
import { type FileGroup, groupsOf } from './file-entries.ts';

/** Of one file: a list of more hosts than this is data, not settings. */
const mostAddresses = 500;
/** A file of this size is data. */
const largest = 256 * 1024;

const isComment = (line: string): boolean => /^\s*(#|\/\/|;|--)/.test(line);
/** What every certain address in one line has: a scheme, a port, or the name of a setting before it. */
const mayHold = (line: string): boolean => /:\/\/|:\d|=/.test(line);
const quoted = /"((?:[^"\\]|\\.){3,4096})"|'([^']{3,4096})'/g;

/** Every address in a mounted file: whole ones line by line, and those whose parts stand beside one another. */
export function addressesInFile(text: string): Address[] {
  if (text.length > largest) return [];
  const lines = lineByLine(text)
    .split('\n')
    .filter((line) => !isComment(line));
  const all = [...lines.filter(mayHold).flatMap(addressesInLine), ...groupsOf(lines).flatMap(addressesBeside)];
  const distinct = new Map<string, Address>();
  for (const address of all) {
    if (distinct.size >= mostAddresses) break;
    const place = `${address.scheme ?? ''} ${address.host} ${address.port ?? ''}`;
    const key = `${place} ${address.database ?? ''} ${address.schema ?? ''}`;
    if (!distinct.has(key)) distinct.set(key, address);
  }
  // The same place, said once with its database and once without, is one.
  const complete = new Set([...distinct.values()].flatMap(({ host, database }) => (database ? [host] : [])));
  return [...distinct.values()].filter(
    ({ scheme, host, database }) => database !== undefined || scheme !== undefined || !complete.has(host),
  );
}

/** JSON is often one line. */
export function lineByLine(text: string): string {
  if (!/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** `"Default": "Server=db;Database=shop"` holds a connection string; most lines hold words. */
function addressesInLine(line: string): Address[] {
  if (line.indexOf('=') < 0) return addressesIn(line).filter(({ certain }) => certain);
  const values = [...line.matchAll(quoted)].map(([, double, single]) => double ?? single ?? '');
  const separator = line.search(/[:=]/);
  const candidates = [...values, line.slice(separator + 1).trim()].filter((value) => value.includes('='));
  const connections = candidates.flatMap((value) => connectionString(value) ?? []);
  const found = connections.length > 0 ? connections : addressesIn(line);
  return found.filter(({ certain, host }) => certain && !isSelf(host));
}

const hostEnd = /(^|_)(HOST|HOSTNAME|SERVER|SERVER_NAME|ADDR|ADDRESS)$/;
const storeWord =
  /(^|_)(DB|DATABASE|DATASOURCE|DATA_SOURCE|POSTGRES\w*|PG|MYSQL|MARIADB|MSSQL|SQL|MONGO\w*|ORACLE)(_|$)/;
const databaseEnds = ['DATABASE', 'DATABASE_NAME', 'DB_NAME', 'DBNAME', 'DB'];
const userEnds = ['USER', 'USERNAME', 'USER_NAME', 'LOGIN'];
const schemaEnds = ['SCHEMA', 'CURRENT_SCHEMA', 'SEARCH_PATH'];

/** `host`, `port` and `name` in one section. A host alone may be anything. */
function addressesBeside(group: FileGroup): Address[] {
  return [...group].flatMap(([name, value]): Address[] => {
    const host = hostEnd.test(name) ? hostOf(value) : undefined;
    if (!host || isSelf(host.host)) return [];
    const stem = name.replace(hostEnd, '');
    const beside = (ends: readonly string[]): string | undefined =>
      ends
        .map((end) => group.get(stem === '' ? end : `${stem}_${end}`))
        .find((found) => found !== undefined && /^[\w.-]{1,128}$/.test(found));
    const port = host.port ?? (Number(beside(['PORT'])) || undefined);
    const isStore = storeWord.test(stem) || wellKnownPorts.get(port ?? 0)?.role === 'store';
    const database = beside([...databaseEnds, ...(isStore ? ['NAME'] : [])]);
    if (port === undefined && database === undefined) return [];
    const user = beside(userEnds);
    const schema = beside(schemaEnds);
    return [
      {
        host: host.host,
        ...(port ? { port } : {}),
        ...(database ? { database } : {}),
        ...(schema ? { schema } : {}),
        ...(user ? { user } : {}),
        certain: true,
      },
    ];
  });
}
