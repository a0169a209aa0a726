import { Agent, Pool } from 'undici';
import type { ClientSettings } from './settings.ts';

/** Of connections to one address of a service. */
export const agentOptions = (settings: ClientSettings): Agent.Options => ({
  connections: settings.maxConcurrent,
  connect: { timeout: settings.attemptMs },
  // Behind an address of Kubernetes the replica is chosen for each connection: those that never ended would keep to
  // the replicas that were there when they began.
  clientTtl: settings.connectionMaxAgeMs,
  maxResponseSize: settings.maxAnswerBytes,
  factory: (origin, options) => new Pool(origin, options),
});

/** Sends every request to the address that it names. */
export const openAgent = (settings: ClientSettings): Agent => new Agent(agentOptions(settings));
