import type { KubeObject } from './snapshot.ts';

/** Characters of one ConfigMap: what is longer is data (dashboards, certificates, scripts), not settings. */
const mostOfOne = 256 * 1024;
/** Characters of all ConfigMaps of a run, so that memory follows what is judged and not what a cluster happens to hold. */
const mostOfAll = 48 * 1024 * 1024;

/** Room for the text of ConfigMaps, shared by all lists of a run. */
export interface TextRoom {
  /** Takes out of the object's data what there is no room for, the longest first. */
  fit(object: KubeObject): { characters: number; cut: boolean };
  /** For a page that is read again. */
  giveBack(characters: number): void;
}

export function textRoom(most = mostOfAll): TextRoom {
  let left = most;
  return {
    fit: ({ data }) => {
      let characters = 0;
      let cut = false;
      const own = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
      const texts = Object.entries(own).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
      for (const [key, text] of texts.sort(([, a], [, b]) => a.length - b.length)) {
        if (characters + text.length <= Math.min(mostOfOne, left)) characters += text.length;
        else {
          delete own[key];
          cut = true;
        }
      }
      left -= characters;
      return { characters, cut };
    },
    giveBack: (characters) => {
      left += characters;
    },
  };
}
