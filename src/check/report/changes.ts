import type { Change, Changes } from '../contract.ts';
import { isNew } from '../fail-on.ts';

const titles: Readonly<Record<Change['state'], string>> = {
  new: 'new',
  worse: 'worse: a warning that fails now',
  appeared: 'appeared: nobody could know last time',
  unseen: 'unseen: was there, and nobody could know this time',
  'not-comparable': 'not comparable: one of the two did not run the check',
  better: 'better: a warning now',
  resolved: 'resolved',
  gone: 'gone with its service',
};

/** Lines shown of a state that says nothing to be done; of what is new or worse all are shown. */
const few = 5;

/** What changed, a block a state: its title with the number, and a line each. */
export function changesOf({ list, lost }: Changes): { title: string; lines: string[] }[] {
  const blocks = (Object.keys(titles) as Change['state'][]).flatMap((state) => {
    const own = list.filter((change) => change.state === state);
    if (own.length === 0) return [];
    const shown = own.every(isNew) ? own : own.slice(0, few);
    const more = own.length - shown.length;
    return [
      {
        title: `${titles[state]} (${own.length})`,
        lines: [
          ...shown.map(({ id, now, message }) => `${now ? `${now} ` : ''}${id}${message ? `: ${message}` : ''}`),
          ...(more > 0 ? [`and ${more} more`] : []),
        ],
      },
    ];
  });
  const gaps =
    lost.length > 0 ? [{ title: `lists that were read then and not now (${lost.length})`, lines: lost }] : [];
  return [...blocks, ...gaps];
}
