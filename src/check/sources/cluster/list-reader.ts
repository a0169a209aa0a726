import { type ListParser, listParser } from './list-parser.ts';

/** Bytes of a page up to which it is faster to parse it as a whole, and small enough to be in memory as such. */
const longest = 8 * 1024 * 1024;

/**
 * Hands out the objects of a Kubernetes list: of an ordinary page when it is there, of a very long one (500 ConfigMaps
 * of a megabyte) while it arrives.
 */
export function listReader(onItem: (item: unknown) => void, most = longest): ListParser {
  let held: Buffer[] = [];
  let size = 0;
  let stream: ListParser | undefined;
  return {
    push: (chunk) => {
      if (stream) return stream.push(chunk);
      held.push(chunk);
      size += chunk.length;
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
