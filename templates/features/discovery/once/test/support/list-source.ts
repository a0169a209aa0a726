import type { Listener, Source } from '../../src/platform/discovery/source.ts';

export interface ListSource extends Source {
  /** Tells this list from now on. */
  set(origins: readonly string[]): void;
  fail(error: Error): void;
  /** How often somebody asked to look again. */
  refreshed: number;
}

/** A source whose list a test changes when it likes. */
export function listSource(...origins: string[]): ListSource {
  let listener: Listener | undefined;
  let list: readonly string[] = origins;
  const source: ListSource = {
    refreshed: 0,
    set(next) {
      list = next;
      listener?.found(list);
    },
    fail: (error) => listener?.failed(error),
    watch(given) {
      listener = given;
      if (list.length > 0) listener.found(list);
      return () => {
        listener = undefined;
      };
    },
    refresh() {
      source.refreshed += 1;
    },
  };
  return source;
}
