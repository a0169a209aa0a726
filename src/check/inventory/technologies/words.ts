import { memoize } from '../memoize.ts';

/** The words of a table's cell. */
export const words = (list: string): string[] => list.trim().split(/\s+/);

/** A setting's name in lower-case words: `SeqServerUrl`, `management.zipkin.url`, `DB_PASSWORD`. Its end says most. */
export const wordsOf = memoize((name): readonly string[] =>
  name
    .slice(-256)
    .replace(
      /([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g,
      (_, low = '', high = '', last = '') => `${low || last}_${high}`,
    )
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean),
);

/** The same as a variable's name: `SEQ_SERVER_URL`. */
export const variableOf = memoize((name) => wordsOf(name).join('_').toUpperCase());
