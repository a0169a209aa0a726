import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { SettingsError } from '../settings.ts';
import { type Oddity, oddities, readTarget } from './path.ts';
import { type Cors, methods, type Rate, type Route, type Routes } from './route.ts';

/** Stops the start as a wrong setting does: with every problem, and where it stands. */
export class RoutesError extends SettingsError {
  constructor(problems: readonly string[]) {
    super(problems);
    this.name = 'RoutesError';
    this.message = `The routes are not right:\n${problems.map((problem) => `  ${problem}`).join('\n')}`;
  }
}

interface Field {
  /** Throws an Error that says what was expected. */
  read(value: unknown): unknown;
  needed?: true;
}

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const sizes: Record<string, number> = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 };
const perWord: Record<string, number> = { s: 1_000, min: 60_000, h: 3_600_000 };

function matching(pattern: RegExp, expected: string): (value: unknown) => string {
  return (value) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw new Error(expected);
    return value;
  };
}

const oneOf =
  <T extends string>(...choices: readonly T[]) =>
  (value: unknown): T => {
    if (!choices.includes(value as T)) throw new Error(`one of ${choices.join(', ')}`);
    return value as T;
  };

const flag = (value: unknown): boolean => {
  if (typeof value !== 'boolean') throw new Error('true or false');
  return value;
};

const setOf =
  <T>(read: (value: unknown) => T) =>
  (value: unknown): ReadonlySet<T> => {
    if (!Array.isArray(value) || value.length === 0) throw new Error('a list that is not empty');
    return new Set(value.map(read));
  };

/** `30s` as milliseconds. */
const duration = (value: unknown): number => {
  const [, count, unit = ''] = /^(\d{1,9})(ms|s|m|h)$/.exec(String(value)) ?? [];
  const ms = Number(count) * (units[unit] ?? Number.NaN);
  // The longest that a timer can wait.
  if (!(ms >= 1 && ms < 2 ** 31)) throw new Error('a duration such as 500ms, 30s or 5m');
  return ms;
};

/** `1MiB` as bytes. */
const size = (value: unknown): number => {
  const [, count, unit = ''] = /^(\d{1,9})(B|KiB|MiB|GiB)$/.exec(String(value)) ?? [];
  const bytes = Number(count) * (sizes[unit] ?? Number.NaN);
  if (!Number.isSafeInteger(bytes)) throw new Error('a size such as 64KiB or 10MiB');
  return bytes;
};

const rate = (value: unknown): Rate => {
  const [, count, word = ''] = /^(\d{1,9})\/(s|min|h)$/.exec(String(value)) ?? [];
  const perMs = perWord[word];
  if (!perMs || Number(count) === 0) throw new Error('requests in a time, such as 10/s or 600/min');
  return { requests: Number(count), perMs };
};

const httpUrl = (value: unknown): URL => {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username)
    throw new Error('an http(s) address, without a query');
  return url;
};

const origin = (value: unknown): string => {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (!url || url.origin !== value) throw new Error('origins such as https://app.example.com');
  return url.origin;
};

/** A path as requests have it, so that it can be found. */
const path = (value: unknown): string => {
  const text = typeof value === 'string' ? value : '';
  const read = readTarget(text.endsWith('/*') ? text.slice(0, -1) : text);
  if (!read || read.query || read.oddities.length > 0 || read.path.slice(0, -1).includes('*'))
    throw new Error('a path such as /api/orders, or /api/orders/* for all below it');
  return text;
};

const route: Record<string, Field> = {
  path: { read: path, needed: true },
  service: {
    read: matching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, 'the name of a service, such as order-service'),
    needed: true,
  },
  url: { read: httpUrl },
  methods: { read: setOf(oneOf(...methods)) },
  auth: { read: oneOf('none', 'token', 'session', 'any') },
  scopes: { read: setOf(matching(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'scopes without spaces')) },
  rewrite: { read: matching(/^(?:\/[\w\-.~]+)*\/?$/, 'a path such as /v1/orders') },
  timeout: { read: duration },
  idle: { read: duration },
  retries: {
    read(value) {
      if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 5) throw new Error('from 0 to 5');
      return value;
    },
  },
  body: { read: size },
  rate: { read: rate },
  websocket: { read: flag },
  token: { read: oneOf('pass', 'exchange', 'none') },
  audience: { read: matching(/^[\x21-\x7e]+$/, 'an audience, such as order-service') },
  allow: { read: setOf(oneOf(...oddities)) },
};

const cors: Record<string, Field> = {
  origins: { read: setOf(origin), needed: true },
  credentials: { read: flag },
  maxAge: { read: duration },
};

/**
 * Routes as they are written.
 *
 * @param name what messages call the file
 * @throws RoutesError that names every problem with file, line and column
 */
export function parseRoutes(text: string, name: string): Routes {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const problems: string[] = [];
  const tell = (offset: number, problem: string): void => {
    const { line, col } = lines.linePos(offset);
    problems.push(`${name}:${line}:${col} ${problem}`);
  };
  const fail = (): never => {
    throw new RoutesError(problems);
  };
  for (const error of document.errors) tell(error.pos[0], error.message.split(' at line')[0] ?? error.message);
  if (problems.length > 0) fail();

  const startOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0;
  /** What a map says by the fields that it may have. */
  const read = (map: YAMLMap, fields: Record<string, Field>): Record<string, unknown> => {
    const values: Record<string, unknown> = {};
    for (const { key, value } of map.items as Pair<Node, Node | null>[]) {
      const field = isScalar(key) ? String(key.value) : '';
      const known = Object.hasOwn(fields, field) ? fields[field] : undefined;
      if (!known) tell(startOf(key), `unknown setting "${field}"; known: ${Object.keys(fields).join(', ')}`);
      try {
        if (known) values[field] = known.read(value?.toJS(document));
      } catch (error) {
        tell(value ? startOf(value) : startOf(key), `${field} must be ${(error as Error).message}`);
      }
    }
    const has = (field: string) => map.has(field);
    for (const [field, { needed }] of Object.entries(fields))
      if (needed && !has(field)) tell(startOf(map), `${field} is missing`);
    return values;
  };

  const root = document.contents;
  if (!isMap(root)) {
    tell(0, 'the file must have `routes:`');
    return fail();
  }
  const found: Route[] = [];
  let crossOrigin: Cors | undefined;
  for (const { key, value } of root.items as Pair<Node, Node | null>[]) {
    const field = isScalar(key) ? key.value : undefined;
    if (field === 'cors' && isMap(value)) crossOrigin = asCors(read(value, cors));
    else if (field === 'routes' && isSeq(value)) {
      for (const item of value.items as Node[]) {
        if (!isMap(item)) {
          tell(startOf(item), 'a route is `path: …` and `service: …`');
          continue;
        }
        const before = problems.length;
        const values = read(item, route);
        if (problems.length > before) continue;
        const added = asRoute(values);
        const trouble = troubleOf(added, found);
        if (trouble) tell(startOf(item), trouble);
        found.push(added);
      }
    } else if (field === 'cors' || field === 'routes')
      tell(
        startOf(value ?? key),
        field === 'routes' ? 'routes must be a list; `routes: []` for none' : 'cors must have origins',
      );
    else tell(startOf(key), `unknown setting "${field}"; known: routes, cors`);
  }
  if (!root.has('routes')) tell(0, '`routes:` is missing');
  return problems.length > 0 ? fail() : { routes: found, cors: crossOrigin };
}

const asCors = (values: Record<string, unknown>): Cors => ({
  origins: (values.origins as Cors['origins']) ?? new Set(),
  credentials: values.credentials === true,
  maxAgeS: Math.floor(((values.maxAge as number) ?? 600_000) / 1_000),
});

function asRoute(values: Record<string, unknown>): Route {
  const name = values.path as string;
  const isExact = !name.endsWith('/*');
  const written = isExact ? name : name.slice(0, -2);
  return {
    name,
    key: (readTarget(written || '/')?.path ?? written).toLowerCase().replace(/\/$/, ''),
    isExact,
    service: values.service as string,
    url: values.url as URL | undefined,
    methods: values.methods as ReadonlySet<string> | undefined,
    auth: (values.auth as Route['auth']) ?? 'token',
    scopes: [...((values.scopes as ReadonlySet<string>) ?? [])],
    rewrite: (values.rewrite as string | undefined)?.replace(/\/$/, ''),
    timeoutMs: (values.timeout as number) ?? 15_000,
    idleMs: (values.idle as number) ?? 60_000,
    retries: (values.retries as number) ?? 1,
    bodyBytes: (values.body as number) ?? 1_048_576,
    rate: values.rate as Rate | undefined,
    websocket: values.websocket === true,
    // Many say nothing for hours; whoever wants to end those says so.
    websocketIdleMs: (values.idle as number) ?? Infinity,
    token: (values.token as Route['token']) ?? 'pass',
    audience: (values.audience as string) ?? values.service,
    allow: (values.allow as ReadonlySet<Oddity>) ?? new Set(),
  };
}

/** What is right by itself, and not beside what stands there already. */
function troubleOf(route: Route, others: readonly Route[]): string | undefined {
  if (route.auth === 'none' && route.scopes.length > 0) return 'scopes need `auth: token`';
  if (route.auth === 'none' && route.token === 'exchange')
    return 'to exchange a token needs one: not with `auth: none`';
  const { key, isExact, methods: own } = route;
  const same = others.filter((other) => other.key === key && other.isExact === isExact);
  const taken = same.find(({ methods: its }) => !own || !its || [...own].some((method) => its.has(method)));
  if (taken) return `${route.name} is there already, as ${taken.name} for ${taken.service}`;
  const elsewhere = others.find(({ service, url }) => service === route.service && url?.href !== route.url?.href);
  return elsewhere ? `${route.service} is elsewhere in ${elsewhere.name}: give both the same url` : undefined;
}
