import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../errors.ts';
import type { Instance, ServiceRecord } from '../record.ts';

/** Which side is right where both changed one answer. */
export type Preferred = 'ours' | 'theirs';

interface Records {
  /** Where both branches began; undefined where they have nothing in common. */
  base: ServiceRecord | undefined;
  ours: ServiceRecord;
  theirs: ServiceRecord;
}

/**
 * Both sides' record: what either added is there, what either removed is not, and an answer that one changed is as it
 * said.
 *
 * @throws UserError RECORDS_DISAGREE where both gave one answer anew, differently, and nobody says whose is right
 */
export function joinRecords({ base, ours, theirs }: Records, preferred?: Preferred): ServiceRecord {
  const join = <T>(what: string, b: T, o: T, t: T): T => {
    if (isDeepStrictEqual(o, t) || isDeepStrictEqual(t, b)) return o;
    if (isDeepStrictEqual(o, b)) return t;
    if (preferred) return preferred === 'ours' ? o : t;
    throw disagree(what, o, t);
  };
  const joinAll = <T>(what: string, b: Table<T>, o: Table<T>, t: Table<T>): Record<string, T> => {
    const names = [...new Set([...Object.keys(o), ...Object.keys(t)])].sort();
    return Object.fromEntries(
      names.flatMap((name): [string, T][] => {
        const value = join(`${what} ${name}`, b[name], o[name], t[name]);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  };
  const fields = ['name', 'description', 'context', 'owner', 'packageManager'] as const;
  const own = Object.fromEntries(
    fields.map((field) => [field, join(`the ${field}`, base?.[field], ours[field], theirs[field])]),
  ) as Pick<ServiceRecord, (typeof fields)[number]>;
  const kinds = [...new Set([ours, theirs].flatMap(({ instances }) => Object.keys(instances)))].sort();
  return {
    ...ours,
    ...own,
    features: joinAll('the answers of', base?.features ?? {}, ours.features, theirs.features),
    instances: Object.fromEntries(
      kinds.map((kind) => {
        const [b, o, t] = [base, ours, theirs].map((record) => byName(record?.instances[kind] ?? []));
        return [kind, Object.values(joinAll(`of ${kind}:`, b ?? {}, o ?? {}, t ?? {}))];
      }),
    ),
  };
}

type Table<T> = Readonly<Record<string, T>>;

const byName = (all: readonly Instance[]): Table<Instance> => Object.fromEntries(all.map((one) => [one.name, one]));

const disagree = (what: string, ours: unknown, theirs: unknown): UserError =>
  new UserError({
    code: 'RECORDS_DISAGREE',
    what: `Both branches changed ${what}`,
    why: `Ours says ${JSON.stringify(ours) ?? 'nothing'}, theirs ${JSON.stringify(theirs) ?? 'nothing'}.`,
    fix: 'Say whose is right: msvc resolve --prefer ours, or --prefer theirs',
  });
