import { harmless } from '../../../harmless.ts';
import { oneLine } from '../one-line.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '');

/** Text from a cluster as text of a page, and as a value between quotes: nothing in it opens a tag or ends a value. */
export const html = (text: string): string => escaped(oneLine(text));

/** The same with its lines, for a piece of YAML. */
export const htmlLines = (text: string): string => escaped(harmless(text));

/** Elements by name, each with an id of its own: what a link leads to, the same in the next report of the same cluster. */
export class Anchors {
  readonly #known = new Map<string, string>();
  readonly #taken = new Set<string>();

  of(kind: string, name: string): string {
    const key = `${kind} ${name}`;
    const known = this.#known.get(key);
    if (known) return known;
    const plain = `${kind}-${name.replace(/[^\w.-]+/g, '-').slice(0, 200)}`;
    let id = plain;
    for (let number = 2; this.#taken.has(id); number += 1) id = `${plain}-${number}`;
    this.#known.set(key, id);
    this.#taken.add(id);
    return id;
  }
}
