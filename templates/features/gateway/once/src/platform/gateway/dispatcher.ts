import { Agent, type Dispatcher, Pool } from 'undici';
import type { ClientSettings } from '../http-client/settings.ts';

/**
 * What carries requests to one upstream: the place for another way to find its replicas. Certificates are checked; how
 * long something may take is for the route to say.
 */
export function openDispatcher({ attemptMs, connectionMaxAgeMs }: ClientSettings): Dispatcher {
  return new Agent({
    connect: { timeout: attemptMs },
    clientTtl: connectionMaxAgeMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    // Of what waits for its answer the bulkhead says how much there may be; streams that run are not in its way.
    connections: null,
    factory: (origin, options) => new Pool(origin, options),
  });
}
