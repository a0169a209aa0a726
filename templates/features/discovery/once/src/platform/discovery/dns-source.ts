import { Resolver } from 'node:dns/promises';
import { candidates, readSearch, type Search } from './dns-names.ts';
import type { Listener, Source } from './source.ts';

export interface DnsOptions {
  /** Name servers to ask instead of the system's: `127.0.0.1:8600`. */
  servers?: readonly string[];
  search?: Search;
  /** Milliseconds between two questions: at least, and at most. */
  leastMs?: number;
  mostMs?: number;
}

/** Origins, and for how many seconds they may be believed. */
interface Answer {
  origins: string[];
  ttl: number;
}

/**
 * All addresses of a name, asked again when they expire. Node itself keeps no answer, so there is one question a lifetime
 * and not one a connection. A host that begins with `_port._tcp.` is asked for SRV records, which know the port too.
 */
export function dnsSource(url: URL, { servers = [], ...options }: DnsOptions = {}): Source {
  const { leastMs = 1_000, mostMs = 30_000, search = readSearch() } = options;
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  const names = candidates(url.hostname, search);
  let timer: NodeJS.Timeout | undefined;
  let askedAt = -Infinity;
  let isAsking = false;
  let failures = 0;
  let missing = 0;
  let wasFound = false;
  let listener: Listener | undefined;

  async function ask(): Promise<void> {
    clearTimeout(timer);
    if (isAsking) return;
    isAsking = true;
    askedAt = performance.now();
    const waitMs = look(await answerOf(resolver, url, names).catch((error: Error) => error));
    isAsking = false;
    askIn(waitMs);
  }

  /** @returns milliseconds until the next question. */
  function look(answer: Answer | Error): number {
    if (!(answer instanceof Error)) {
      [failures, missing, wasFound] = [0, 0, true];
      listener?.found(answer.origins);
      return Math.min(mostMs, Math.max(leastMs, answer.ttl * 1_000));
    }
    failures += 1;
    missing = isMissing(answer) ? missing + 1 : 0;
    // One such answer may come from a server that has just started.
    if (missing > 1 && (wasFound || isEmpty(answer))) listener?.found([]);
    else listener?.failed(answer);
    return Math.min(mostMs, leastMs * 2 ** Math.min(failures - 1, 10));
  }

  function askIn(ms: number): void {
    clearTimeout(timer);
    if (listener) timer = setTimeout(() => void ask(), ms).unref();
  }

  return {
    watch(given) {
      listener = given;
      void ask();
      return () => {
        listener = undefined;
        clearTimeout(timer);
        resolver.cancel();
      };
    },
    refresh() {
      if (!isAsking) askIn(Math.max(0, askedAt + leastMs - performance.now()));
    },
  };
}

async function answerOf(resolver: Resolver, url: URL, names: readonly string[]): Promise<Answer> {
  let last: unknown;
  for (const name of names) {
    try {
      return await (name.startsWith('_') ? servicesAt(resolver, url, name) : addressesAt(resolver, name, url));
    } catch (error) {
      if (!isMissing(error)) throw error;
      // A name without addresses says more than one that does not exist.
      if (!isEmpty(last)) last = error;
    }
  }
  throw last;
}

async function addressesAt(
  resolver: Resolver,
  name: string,
  { protocol, port }: Pick<URL, 'protocol' | 'port'>,
): Promise<Answer> {
  const records = await resolver.resolve4(name, { ttl: true }).catch((error: unknown) => {
    if (isEmpty(error)) return resolver.resolve6(name, { ttl: true });
    throw error;
  });
  return {
    origins: records.map(({ address }) => originOf(protocol, address, port)),
    ttl: Math.min(...records.map(({ ttl }) => ttl)),
  };
}

/** Those of the first priority (RFC 2782); their weights are not looked at. */
async function servicesAt(resolver: Resolver, { protocol }: URL, name: string): Promise<Answer> {
  const records = await resolver.resolveSrv(name);
  const first = Math.min(...records.map(({ priority }) => priority));
  const all = await Promise.allSettled(
    records
      .filter(({ priority }) => priority === first)
      .map(({ name: host, port }) => addressesAt(resolver, host, { protocol, port: String(port) })),
  );
  const answers = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  // One that has just left has no address any more.
  if (answers.length === 0) throw (all[0] as PromiseRejectedResult).reason;
  return {
    origins: answers.flatMap(({ origins }) => origins),
    ttl: Math.min(...answers.map(({ ttl }) => ttl)),
  };
}

const originOf = (protocol: string, address: string, port: string): string =>
  new URL(`${protocol}//${address.includes(':') ? `[${address}]` : address}${port && `:${port}`}`).origin;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;
const isEmpty = (error: unknown): boolean => codeOf(error) === 'ENODATA';
const isMissing = (error: unknown): boolean => isEmpty(error) || codeOf(error) === 'ENOTFOUND';
