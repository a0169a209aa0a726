import type { FastifyInstance } from 'fastify';
import type { Dispatcher } from 'undici';
import type { CheckResult } from '../health.ts';
import { openAgent } from './open-agent.ts';
import type { ClientSettings } from './settings.ts';

/** What carries the requests of a client. */
export interface Carrier {
  dispatcher: Dispatcher;
  /** What the client's health check tells of it. */
  health(): Partial<CheckResult>;
}

/** Settings of a client for what carries its requests. */
export const carrierFields = (_prefix: string) => ({});

/** Here the addresses in the settings: behind each of them Kubernetes, or somebody else, finds an instance. */
export const openCarrier = (_app: FastifyInstance, _service: string, settings: ClientSettings): Carrier => ({
  dispatcher: openAgent(settings),
  health: () => ({}),
});
