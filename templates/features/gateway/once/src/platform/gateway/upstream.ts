import type { FastifyInstance } from 'fastify';
import type { Dispatcher } from 'undici';
import type { Carrier } from '../http-client/open-carrier.ts';
import { type Circuit, resilience } from '../http-client/resilience.ts';
import type { ClientSettings } from '../http-client/settings.ts';
import { openDispatcher } from './dispatcher.ts';

export interface UpstreamObserver {
  circuitChanged(circuit: Circuit): void;
  retrying(): void;
}

/** One service behind the gateway, with what stands between: bulkhead, retries, circuit breaker. */
export class Upstream {
  readonly service: string;
  readonly #carrier: Carrier;
  readonly #resilience: ReturnType<typeof resilience>;
  readonly urls: readonly URL[];
  #turn = 0;
  wasCalled = false;

  constructor(app: FastifyInstance, service: string, settings: ClientSettings, observer: UpstreamObserver) {
    this.service = service;
    this.#carrier = openDispatcher(app, service, settings);
    this.#resilience = resilience(service, settings, observer);
    this.urls = settings.urls;
  }

  get dispatcher(): Dispatcher {
    return this.#carrier.dispatcher;
  }

  /** For the health report. */
  get state() {
    const { circuit } = this;
    const seen = this.wasCalled ? (circuit === 'closed' ? 'healthy' : 'degraded') : 'unknown';
    return { status: seen, circuit, ...this.#carrier.health() };
  }

  get circuit(): Circuit {
    return this.#resilience.circuit;
  }

  run: ReturnType<typeof resilience>['run'] = (call) => {
    this.wasCalled = true;
    return this.#resilience.run(call);
  };

  /** Kubernetes balances behind one address; where there are several, they take turns. */
  nextUrl(): URL {
    return this.urls[this.#turn++ % this.urls.length] as URL;
  }

  /** Once what runs has ended. */
  close(): Promise<void> {
    return this.dispatcher.close();
  }
}
