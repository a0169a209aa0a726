import type { FastifyInstance } from 'fastify';
import type { Dispatcher } from 'undici';
import { Balancer } from '../discovery/balancer.ts';
import { find } from '../discovery/find.ts';
import { healthOf, observeBalancer } from '../discovery/report.ts';
import { discoveryFields } from '../discovery/settings.ts';
import type { CheckResult } from '../health.ts';
import { agentOptions, openAgent } from './open-agent.ts';
import type { ClientSettings } from './settings.ts';

/** What carries the requests of a client. */
export interface Carrier {
  dispatcher: Dispatcher;
  /** What the client's health check tells of it. */
  health(): Partial<CheckResult>;
}

/** Settings of a client for what carries its requests. */
export const carrierFields = discoveryFields;

/** One address, or a balancer over the instances that are found in the way of the settings. */
export function openCarrier(app: FastifyInstance, service: string, settings: ClientSettings): Carrier {
  const { discovery } = settings;
  if (discovery === 'service') return { dispatcher: openAgent(settings), health: () => ({}) };
  const options = agentOptions(settings);
  const balancer = new Balancer({
    service,
    ...find(app, { service, way: discovery, urls: settings.urls, setting: 'URL' }),
    observer: observeBalancer(app, service),
    // One that cannot be reached leaves time for another one within the same attempt.
    agent: { ...options, connect: { timeout: Math.min(1_000, settings.attemptMs / 2) } },
  });
  return { dispatcher: balancer, health: () => healthOf(discovery, balancer.state) };
}
