import type { LogSample } from '../../contract.ts';

/** Ids that a request of ours carried. */
export interface OurIds {
  /** 32 hexadecimal digits. */
  trace: string;
  correlation: string;
}

/** What a sample holds, and the ids in it, which never leave the run. */
export interface ReadLog {
  sample: LogSample;
  ids: ReadonlySet<string>;
}

/** Names of fields without signs and case, alone or behind others: `req.id`, `log.level`, `mdc.traceId`. */
const names = {
  level: /(^|\.)(level|lvl|severity|loglevel|levelname|severitytext)$/,
  time: /(^|\.)(time|timestamp|ts|date|datetime|timeunixnano)$/,
  message: /(^|\.)(msg|message|body|event|text)$/,
  service: /(^|\.)(service|app|application|servicename|appname|component)(\.name)?$/,
  trace: /(^|\.)(trace\.?id|otel\.?trace\.?id|traceparent|logging\.googleapis\.comtrace)$/,
  correlation: /(^|\.)(x?correlation\.?id|x?request\.?id|req\.?id)$/,
};
const method = /(^|\.)(method|httpmethod|requestmethod|verb)$/;
const status = /(^|\.)(status|statuscode|responsecode|responsestatus|code)$/;
const path = /(^|\.)(path|url|uri|route|target|requesturi|requestpath)$/;
/** Asked by Kubernetes and Prometheus: no request of anybody. */
const ofProbes =
  /^(https?:\/\/[^/]+)?\/([\w-]+\/)*(health\w*|live\w*|ready\w*|readiness|liveness|startup|metrics|prometheus|ping|status)([/?]|$)/i;

const noField = { level: 0, time: 0, message: 0, service: 0, trace: 0, correlation: 0 };

/** Counts what the last lines of a log hold. Of no line anything is kept but the ids, for comparison within the run. */
export function readLog(text: string, ours?: OurIds): ReadLog {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const sample: LogSample = {
    lines: lines.length,
    json: 0,
    logfmt: 0,
    fields: { ...noField },
    requests: 0,
    requestsWithId: 0,
    ...(ours
      ? {
          ours: {
            trace: lines.some((line) => line.includes(ours.trace)),
            correlation: text.includes(ours.correlation),
          },
        }
      : {}),
    sharedWith: [],
  };
  const ids = new Set<string>();
  for (const line of lines) {
    const json = fieldsIn(line);
    const fields = json ?? pairsIn(line);
    if (!fields) continue;
    sample[json ? 'json' : 'logfmt'] += 1;
    const has = (name: RegExp): boolean => fields.some(([field]) => name.test(field));
    for (const name of ['level', 'time', 'message', 'service'] as const) if (has(names[name])) sample.fields[name] += 1;
    const carried = (['trace', 'correlation'] as const).flatMap((name) => {
      const found = fields.flatMap(([field, value]) => (names[name].test(field) && isId(value) ? [String(value)] : []));
      if (found.length > 0) sample.fields[name] += 1;
      return found;
    });
    for (const id of carried) if (!ours || (id !== ours.correlation && !id.includes(ours.trace))) ids.add(id);
    const asked = fields.find(([field, value]) => path.test(field) && typeof value === 'string')?.[1];
    if (!has(method) || !has(status) || ofProbes.test(String(asked ?? ''))) continue;
    sample.requests += 1;
    if (carried.length > 0) sample.requestsWithId += 1;
  }
  return { sample, ids };
}

/** Whose lines carry an id that another one's lines carry too. @param logs by pod: "shop/orders-0" */
export function sharedIds(logs: ReadonlyMap<string, ReadLog>): ReadonlyMap<string, string[]> {
  const holders = new Map<string, string[]>();
  for (const [pod, { ids }] of logs) for (const id of ids) holders.set(id, [...(holders.get(id) ?? []), pod]);
  return new Map(
    [...logs].map(([pod, { ids }]) => {
      const others = [...ids].flatMap((id) => holders.get(id) ?? []).filter((other) => other !== pod);
      return [pod, [...new Set(others)].sort()];
    }),
  );
}

/** All zeros is what libraries write where there is none. */
const isId = (value: unknown): boolean =>
  (typeof value === 'string' || typeof value === 'number') &&
  /[1-9a-z]/i.test(String(value)) &&
  String(value).length > 3;

/** Paths of an object's fields and their values; undefined where the line is none. */
function fieldsIn(line: string): [string, unknown][] | undefined {
  if (!line.trimStart().startsWith('{')) return undefined;
  try {
    return flat(JSON.parse(line) as object, '', 0);
  } catch {
    return undefined;
  }
}

const pair = /(?:^|\s)([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|\S*)/g;

/** Longer ones are no line that somebody wrote as pairs, and would take long to be taken apart. */
const longestPairs = 4096;

/** A line that is nothing but pairs, three at least: what else holds an equals sign is text. */
function pairsIn(line: string): [string, unknown][] | undefined {
  if (line.length > longestPairs) return undefined;
  const pairs = [...line.matchAll(pair)];
  if (pairs.length < 3 || line.replace(pair, '').trim() !== '') return undefined;
  return pairs.map(([, name = '', value = '']) => [spelled(name), value.replace(/^"|"$/g, '')]);
}

const spelled = (name: string): string => name.toLowerCase().replace(/[^a-z0-9.]/g, '');

const deepest = 3;

const flat = (value: object, before: string, depth: number): [string, unknown][] =>
  Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const at = `${before}${spelled(name)}`;
    return typeof inner === 'object' && inner !== null && !Array.isArray(inner) && depth < deepest
      ? flat(inner, `${at}.`, depth + 1)
      : [[at, inner]];
  });
