import type { FastifyInstance } from 'fastify';
import type { CheckResult } from '../health.ts';
import type { RpcClientSettings } from './settings.ts';

/** Where a client finds its service. */
export interface Location {
  /** Those of the client, with the target that is called. */
  settings: RpcClientSettings;
  /** What the client's health check tells of it. */
  health(): Partial<CheckResult>;
  close(): void;
}

/** Settings of a client for where it finds its service. */
export const locationFields = (_prefix: string) => ({});

/** Here at the target in the settings, whose addresses grpc-js looks up. */
export const locate = (_app: FastifyInstance, _service: string, settings: RpcClientSettings): Location => ({
  settings,
  health: () => ({}),
  close() {},
});
