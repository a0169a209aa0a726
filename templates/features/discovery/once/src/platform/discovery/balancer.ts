import { Agent, type Dispatcher } from 'undici';
import { ServiceError } from '../http-client/service-error.ts';
import { Instance } from './instance.ts';
import { KeptList, type ListObserver } from './kept-list.ts';
import type { Source } from './source.ts';
import { Transfer, type TransferOptions } from './transfer.ts';

export interface BalancerOptions {
  service: string;
  source: Source;
  /** What requests name as their host, where origins are bare addresses: certificates are for the service. */
  authority?: string | undefined;
  observer?: BalancerObserver;
  /** Of the connections to each instance. */
  agent?: Agent.Options;
  /** Milliseconds on a clock that never goes back. */
  now?: () => number;
  random?: () => number;
}

export interface BalancerState {
  /** False until the first list is there. */
  isListed: boolean;
  instances: number;
  ejected: number;
  /** Why the list is not read anew. */
  stale: Error | undefined;
}

export interface BalancerObserver extends ListObserver {
  ejected(origin: string, ms: number, error: Error): void;
}

/**
 * Sends each request to the next healthy instance of one service. What failed before anything was sent (refused,
 * unreachable, no connection in time) goes to another one at once, whatever its method, and leaves the first out for a
 * while; so do five resets, timeouts or 502, 503 and 504 in a row. Never more than half are left out: then the fault is
 * elsewhere. A list that cannot be read again stays in use.
 */
export class Balancer extends Agent {
  readonly #service: string;
  readonly #source: Source;
  readonly #authority: string | undefined;
  readonly #observer: BalancerObserver | undefined;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #list: KeptList;
  #listed: readonly string[] | undefined;
  #instances: readonly Instance[] = [];
  #waiting: Transfer[] = [];
  #turn = 0;

  constructor({ service, source, authority, observer, agent, now, random }: BalancerOptions) {
    super(agent);
    this.#service = service;
    this.#source = source;
    this.#authority = authority;
    this.#observer = observer;
    this.#now = now ?? (() => performance.now());
    this.#random = random ?? Math.random;
    this.#list = new KeptList(source, observer);
    this.#list.follow(() => this.#update());
  }

  get state(): BalancerState {
    const { origins, stale } = this.#list;
    const ejected = this.#countEjected(this.#now());
    return { isListed: origins !== undefined, instances: this.#instances.length, ejected, stale };
  }

  override dispatch(options: TransferOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (this.closed) return super.dispatch(options, handler);
    const headers = this.#authority === undefined ? options.headers : withHost(options.headers, this.#authority);
    const transfer = new Transfer({ ...options, headers: headers ?? null }, handler, this.#outcome);
    if (this.#list.origins ?? this.#list.stale) this.#send(transfer);
    else this.#waiting.push(transfer);
    return true;
  }

  override close(callback?: () => void): Promise<void> {
    this.#list.close();
    return callback ? (super.close(callback) as unknown as Promise<void>) : super.close();
  }

  readonly #dispatch: Dispatcher.Dispatch = (options, handler) => super.dispatch(options, handler);

  #send(transfer: Transfer): void {
    const instance = this.#choose(transfer);
    if (instance) transfer.sendTo(instance, this.#dispatch);
    else transfer.fail(transfer.lastError ?? this.#nobody());
  }

  readonly #outcome = {
    unsent: (transfer: Transfer, instance: Instance, error: Error): void => {
      this.#eject(instance, error);
      this.#source.refresh();
      const { overBecause } = transfer;
      if (overBecause) transfer.fail(overBecause);
      else this.#send(transfer);
    },
    failed: (instance: Instance, error: Error): boolean => {
      if (instance.failed()) this.#eject(instance, error);
      return instance.isEjected(this.#now());
    },
  };

  /** The next one that is well and that this call has not tried; else one that is well; else, before giving up, any. */
  #choose({ refused, options: { route } }: Transfer): Instance | undefined {
    const instances = this.#instances;
    const now = this.#now();
    const first = this.#turn++;
    let best: Instance | undefined;
    let bestRank = 0;
    for (let step = 0; step < instances.length; step += 1) {
      const instance = instances[(first + step) % instances.length] as Instance;
      if (refused.includes(instance)) continue;
      const rank = this.#rank(instance, route?.tried, now);
      if (rank > bestRank) [best, bestRank] = [instance, rank];
      if (rank < 4) continue;
      // Or the one after an instance that is left out would get the turns of both.
      this.#turn += step;
      break;
    }
    return best;
  }

  #rank(instance: Instance, tried: ReadonlySet<string> | undefined, now: number): 1 | 2 | 3 | 4 {
    if (instance.isEjected(now)) return 1;
    if (tried?.has(instance.origin)) return 2;
    const share = instance.share(now);
    return share < 1 && this.#random() >= share ? 3 : 4;
  }

  #eject(instance: Instance, error: Error): void {
    const now = this.#now();
    if (!this.#instances.includes(instance) || instance.isEjected(now)) return;
    if ((this.#countEjected(now) + 1) * 2 > this.#instances.length) return;
    const ms = instance.eject(now);
    this.#observer?.ejected(instance.origin, ms, error);
  }

  #countEjected(now: number): number {
    return this.#instances.filter((instance) => instance.isEjected(now)).length;
  }

  #update(): void {
    const { origins } = this.#list;
    if (origins !== this.#listed) this.#join(origins ?? []);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const transfer of waiting) this.#send(transfer);
  }

  #join(origins: readonly string[]): void {
    const before = new Map(this.#instances.map((instance) => [instance.origin, instance]));
    // Of the first list none is colder than the others.
    const since = this.#listed ? this.#now() : -Infinity;
    this.#listed = origins;
    // What is under way at one that left comes to its end there.
    this.#instances = origins.map((origin) => before.get(origin) ?? new Instance(origin, since));
  }

  #nobody(): ServiceError {
    if (this.#list.origins) return new ServiceError(this.#service, 'empty', 'it has no instance at present');
    return new ServiceError(this.#service, 'unknown', `where it is cannot be told: ${this.#list.stale?.message}`);
  }
}

/** As undici takes headers: names and values in turn, pairs, or an object. */
function withHost(headers: Dispatcher.DispatchOptions['headers'], host: string): Dispatcher.DispatchOptions['headers'] {
  if (Array.isArray(headers)) return [...headers, 'host', host];
  const pairs = headers && Symbol.iterator in headers ? Object.fromEntries(headers) : headers;
  return { ...(pairs as Record<string, string | string[]> | null | undefined), host };
}
