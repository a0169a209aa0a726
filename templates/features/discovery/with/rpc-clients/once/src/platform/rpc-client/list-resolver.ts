import { experimental, Metadata, status } from '@grpc/grpc-js';
import type { KeptList } from '../discovery/kept-list.ts';

interface OfferedList {
  service: string;
  list: KeptList;
  /** Looks again soon. */
  refresh(): void;
  /** What calls name as their host. */
  authority: string;
}

interface Entry extends OfferedList {
  /** Channels that balance over it. */
  resolvers: Set<ListResolver>;
  refreshedAt: number;
}

/** Milliseconds: grpc-js asks for a new look with every attempt to connect, and relies on a limit here. */
const betweenLooks = 1_000;

const scheme = 'instances';
const entries = new Map<string, Entry>();
let count = 0;

/** Makes a list of instances a target of grpc-js, for every channel of a client. */
export function offerList(offered: OfferedList): { name: string; withdraw(): void } {
  if (count === 0) experimental.registerResolver(scheme, ListResolver);
  count += 1;
  const id = `${offered.service}-${count}`;
  const entry: Entry = { ...offered, resolvers: new Set(), refreshedAt: -Infinity };
  entries.set(id, entry);
  offered.list.follow(() => {
    for (const resolver of entry.resolvers) resolver.tell();
  });
  return { name: `${scheme}:///${id}`, withdraw: () => entries.delete(id) };
}

const entryOf = ({ path }: experimental.GrpcUri): Entry => {
  const entry = entries.get(path);
  if (!entry) throw new Error(`nobody offers the list ${path}`);
  return entry;
};

/** Tells one channel where the instances are. Which of them are well, grpc-js sees by its own means. */
class ListResolver implements experimental.Resolver {
  readonly #entry: Entry;
  readonly #listener: experimental.ResolverListener;
  #told: string | undefined;

  constructor(target: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.#entry = entryOf(target);
    this.#listener = listener;
  }

  static getDefaultAuthority(target: experimental.GrpcUri): string {
    return entryOf(target).authority;
  }

  /** grpc-js calls it first of all, and whenever a connection broke. */
  updateResolution(): void {
    const { resolvers, refreshedAt, refresh } = this.#entry;
    if (!resolvers.has(this)) {
      resolvers.add(this);
      // Never within this call, says its contract.
      setImmediate(() => this.tell());
    } else if (performance.now() - refreshedAt >= betweenLooks) {
      this.#entry.refreshedAt = performance.now();
      refresh();
    }
  }

  destroy(): void {
    this.#entry.resolvers.delete(this);
    this.#told = undefined;
  }

  /** Only what is new: it connects to all instances anew whenever it is told a list. */
  tell(): void {
    const { list, resolvers, service } = this.#entry;
    if (!resolvers.has(this)) return;
    const { origins, stale } = list;
    const telling = JSON.stringify([origins, origins?.length ? undefined : stale?.message]);
    if (telling === this.#told) return;
    this.#told = telling;
    if (origins && origins.length > 0) {
      const endpoints = origins.map((origin) => ({ addresses: [addressOf(origin)] }));
      this.#listener(experimental.statusOrFromValue(endpoints), {}, null, '');
    } else if (origins || stale) {
      const details = origins
        ? `${service} has no instance at present`
        : `where ${service} is cannot be told: ${stale?.message}`;
      const error = { code: status.UNAVAILABLE, details, metadata: new Metadata() };
      this.#listener(experimental.statusOrFromError(error), {}, null, '');
    }
  }
}

function addressOf(origin: string): { host: string; port: number } {
  const { protocol, hostname, port } = new URL(origin);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}
