import { setTimeout as wait } from 'node:timers/promises';
import type { Access } from './kubernetes/access.ts';
import { type EndpointSlice, originsIn, type Target } from './kubernetes/slices.ts';
import { ApiError, type SliceApi, sliceApi } from './kubernetes/watch.ts';
import type { Listener, Source } from './source.ts';

/** Milliseconds before the next try, and its most. */
const patience = { firstMs: 200, mostMs: 30_000 };

/**
 * The pods behind a Service as its EndpointSlices name them, told by the API server within milliseconds of a change. A
 * pod that ends is out of the list as soon as Kubernetes says so, which is before it gets its signal.
 */
export function kubernetesSource(access: Access, target: Target, options: { watchSeconds?: number } = {}): Source {
  return {
    watch(listener) {
      const ending = new AbortController();
      const api = sliceApi(access, target, options);
      void follow(api, target, listener, ending.signal).finally(() => api.close());
      return () => ending.abort();
    },
    // What there is to know is on its way already.
    refresh() {},
  };
}

async function follow(api: SliceApi, target: Target, listener: Listener, signal: AbortSignal): Promise<void> {
  const list = new SliceList(target, listener);
  let failures = 0;
  while (!signal.aborted) {
    try {
      if (list.version === undefined) await list.read(api, signal);
      for await (const event of api.watch(list.version as string, signal)) {
        failures = 0;
        list.take(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      list.failed(error as Error, failures);
      failures += 1;
    }
    const ms = Math.min(patience.mostMs, patience.firstMs * 2 ** Math.min(failures, 10));
    await wait(ms * (0.5 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => {});
  }
}

/** What is known of the slices, and up to which version. */
class SliceList {
  /** Undefined where everything has to be read anew. */
  version: string | undefined;
  readonly #target: Target;
  readonly #listener: Listener;
  #slices = new Map<string, EndpointSlice>();
  #wasThere = false;

  constructor(target: Target, listener: Listener) {
    this.#target = target;
    this.#listener = listener;
  }

  async read(api: SliceApi, signal: AbortSignal): Promise<void> {
    const { slices, version } = await api.list(signal);
    this.#slices = new Map(slices.map((slice) => [slice.metadata.name, slice]));
    this.version = version;
    this.#tell();
  }

  /** @param event undefined where the watch has begun, so that what is known is up to date. */
  take(event: { type: string; object: EndpointSlice } | undefined): void {
    if (event) {
      const { type, object } = event;
      this.version = object.metadata.resourceVersion;
      if (type === 'BOOKMARK') return;
      if (type === 'DELETED') this.#slices.delete(object.metadata.name);
      else this.#slices.set(object.metadata.name, object);
    }
    this.#tell();
  }

  /** @param failures how often it failed in a row before */
  failed(error: Error, failures: number): void {
    const isAnswer = error instanceof ApiError;
    // Too old to go on from there: what was missed is in a new list.
    if (isAnswer && error.status === 410) this.version = undefined;
    // Where one server of several restarts, the next try meets another one.
    else if (isAnswer || failures > 0 || this.version === undefined) this.#listener.failed(error);
  }

  #tell(): void {
    const { service, namespace } = this.#target;
    this.#wasThere ||= this.#slices.size > 0;
    if (!this.#wasThere) {
      this.#listener.failed(
        new Error(`Kubernetes knows no pods of a Service ${service} in the namespace ${namespace}`),
      );
      return;
    }
    try {
      this.#listener.found(originsIn(this.#slices.values(), this.#target));
    } catch (error) {
      this.#listener.failed(error as Error);
    }
  }
}
