import { append } from '../../multimap.ts';
import type { Gap, GroupResource, ReadOutcome } from '../contract.ts';

/**
 * What was read, and what was not. Nothing may be concluded from the absence of an object unless `complete` says that
 * every such object was seen.
 */
export interface Ledger {
  /** Every object of the part was read, in that namespace or (without one) in the whole cluster. */
  complete(part: GroupResource, namespace?: string): boolean;
  /** The API server does not know the kind: what would act on it is not installed. */
  notServed(part: GroupResource): boolean;
  /** Lists that would have been needed and were not read whole. */
  gaps(parts: readonly GroupResource[], namespace?: string): Gap[];
}

/** What is behind an address that leads where nobody looked. */
export const behind = (address: string): Gap => ({ resource: 'services', address, outcome: 'skipped' });

/** "pods in shop: forbidden" */
export const gapText = ({ resource, namespace, address, outcome }: Gap): string =>
  `${resource}${address ? ` behind ${address}` : namespace ? ` in ${namespace}` : ''}: ${outcome === 'skipped' ? 'not read' : outcome}`;

/** Each once. */
export const distinctGaps = (gaps: readonly Gap[]): Gap[] => [
  ...new Map(gaps.map((gap) => [gapText(gap), gap])).values(),
];

type Failed = Gap['outcome'];

const failure = ({ outcome }: ReadOutcome): Failed | undefined =>
  outcome === 'ok' || outcome === 'absent' ? undefined : outcome;

const settles = (read: ReadOutcome): boolean => failure(read) === undefined;

export function createLedger(reads: readonly ReadOutcome[]): Ledger {
  const everywhere = new Map<GroupResource, ReadOutcome[]>();
  const within = new Map<string, ReadOutcome[]>();
  for (const read of reads) {
    const [map, key] =
      read.namespace === undefined ? [everywhere, read.resource] : [within, `${read.namespace}/${read.resource}`];
    append(map, key, read);
  }
  const settled = (outcomes: readonly ReadOutcome[] | undefined): boolean =>
    outcomes !== undefined && outcomes.length > 0 && outcomes.every(settles);
  const complete = (part: GroupResource, namespace?: string): boolean =>
    settled(everywhere.get(part)) || (namespace !== undefined && settled(within.get(`${namespace}/${part}`)));

  return {
    complete,
    notServed: (part) => {
      const outcomes = everywhere.get(part) ?? [];
      return outcomes.length > 0 && outcomes.every(({ outcome }) => outcome === 'absent');
    },
    gaps: (parts, namespace) =>
      parts
        .filter((part) => !complete(part, namespace))
        .map((part): Gap => {
          const failed = [
            ...((namespace && within.get(`${namespace}/${part}`)) || []),
            ...(everywhere.get(part) ?? []),
          ];
          const worst = failed.find((read) => !settles(read));
          const where = worst?.namespace ?? namespace;
          return {
            resource: part,
            ...(where ? { namespace: where } : {}),
            outcome: (worst && failure(worst)) ?? 'skipped',
          };
        }),
  };
}
