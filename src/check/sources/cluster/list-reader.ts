import { type ListParser, listParser } from './list-parser.ts';

/** Bytes of a page up to which it is faster to parse it as a whole, and small enough to be in memory as such. */
const longest = 8 * 1024 * 1024;

/** How the API server begins a page of its own kinds, or of metadata alone; with other resources the token comes last. */
const head = /^\s*\{"kind":"\w+","apiVersion":"[\w./-]+","metadata":\{[^{}]*?"continue":"([\w+/=-]+)"/;

/** Who takes a page as it is read. */
export interface PageTaker {
  onItem(item: unknown): void;
  /** The token of the page after this one, as soon as it is seen: where the page begins with it, long before its end. */
  onNext?(token: string): void;
}

/**
 * Hands out the objects of a Kubernetes list: of an ordinary page when it is there, of a very long one (500 ConfigMaps
 * of a megabyte) while it arrives.
 */
export function listReader({ onItem, onNext }: PageTaker, most = longest): ListParser {
  let held: Buffer[] = [];
  let size = 0;
  let stream: ListParser | undefined;
  return {
    push: (chunk) => {
      if (size === 0 && onNext) {
        const token = head.exec(chunk.toString('latin1', 0, 4096))?.[1];
        if (token) onNext(token);
      }
      size += chunk.length;
      if (stream) return stream.push(chunk);
      held.push(chunk);
      if (size <= most) return;
      stream = listParser(onItem);
      for (const each of held) stream.push(each);
      held = [];
    },
    end: () => {
      if (stream) return stream.end();
      const list: unknown = JSON.parse(Buffer.concat(held).toString());
      const { items } = (list ?? {}) as { items?: unknown };
      if (!Array.isArray(items)) return list;
      for (const item of items) onItem(item);
      return { ...(list as object), items: [] };
    },
  };
}
