import { EventEmitter, on } from 'node:events';

/** An item as the business sees it. */
export interface Item {
  id: string;
  quantity: number;
}

/** Items in memory: an example of a domain, forgotten with the process. */
export function inMemoryItems() {
  const items = new Map<string, Item>();
  const changes = new EventEmitter().setMaxListeners(0);
  return {
    find: (id: string): Item | undefined => items.get(id),

    put(item: Item): void {
      items.set(item.id, item);
      changes.emit(item.id, item);
    },

    /** Each change from now on, until the signal aborts. */
    async *changesOf(id: string, signal: AbortSignal): AsyncGenerator<Item> {
      try {
        for await (const [item] of on(changes, id, { signal })) yield item as Item;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}
