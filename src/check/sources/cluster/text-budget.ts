import type { KubeObject } from '../snapshot.ts';

/** Characters of one ConfigMap: what is longer is data (dashboards, certificates, scripts), not settings. */
const mostOfOne = 256 * 1024;
/** Characters of all ConfigMaps of a run, so that memory follows what is judged and not what a cluster happens to hold. */
const mostOfAll = 48 * 1024 * 1024;

/** Room for the text of ConfigMaps, shared by all lists of a run. */
export interface TextBudget {
  /** Takes out of the object's data what there is no room for, the longest first. */
  fit(object: KubeObject): { characters: number; cut: boolean };
  /** For a page that is read again. */
  giveBack(characters: number): void;
}

export function textBudget(most = mostOfAll): TextBudget {
  let left = most;
  return {
    fit: (object) => {
      const data = typeof object.data === 'object' ? (object.data ?? {}) : {};
      const all: [string, unknown][] = Object.entries(data);
      const texts = all.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
      const kept = new Set<string>();
      let characters = 0;
      for (const [key, text] of texts.sort(([, a], [, b]) => a.length - b.length)) {
        if (characters + text.length > Math.min(mostOfOne, left)) break;
        kept.add(key);
        characters += text.length;
      }
      const cut = kept.size < texts.length;
      // The data may be shared with another object.
      if (cut) object.data = Object.fromEntries(all.filter(([key]) => kept.has(key)));
      left -= characters;
      return { characters, cut };
    },
    giveBack: (characters) => {
      left += characters;
    },
  };
}
