import type { FastifyInstance } from 'fastify';
import { find } from '../discovery/find.ts';
import { KeptList } from '../discovery/kept-list.ts';
import { healthOf, observeBalancer } from '../discovery/report.ts';
import { discoveryFields } from '../discovery/settings.ts';
import type { CheckResult } from '../health.ts';
import { offerList } from './list-resolver.ts';
import type { RpcClientSettings } from './settings.ts';
import type { Target } from './target.ts';

/** Where a client finds its service. */
export interface Location {
  /** Those of the client, with the target that is called. */
  settings: RpcClientSettings;
  /** What the client's health check tells of it. */
  health(): Partial<CheckResult>;
  close(): void;
}

/** Settings of a client for where it finds its service. */
export const locationFields = discoveryFields;

/** The target in the settings, or the instances behind it that are found in the way of the settings. */
export function locate(app: FastifyInstance, service: string, settings: RpcClientSettings): Location {
  const { discovery, target } = settings;
  if (discovery === 'service') return { settings, health: () => ({}), close() {} };
  const urls = urlsOf(target);
  const { source, authority } = find(app, { service, way: discovery, urls, setting: 'RPC_URL' });
  const list = new KeptList(source, observeBalancer(app, service));
  const offered = offerList({
    service,
    list,
    refresh: source.refresh,
    authority: authority ?? urls[0]?.host ?? service,
  });
  return {
    settings: { ...settings, target: { ...target, name: offered.name } },
    health: () => {
      const { origins, stale } = list;
      return healthOf(discovery, { isListed: origins !== undefined, instances: origins?.length ?? 0, stale });
    },
    close() {
      list.close();
      offered.withdraw();
    },
  };
}

/** Of `dns:///inventory-rpc:50051` and `ipv4:10.0.0.1:50051,10.0.0.2:50051`. */
const urlsOf = ({ name, isSecure }: Target): URL[] =>
  name
    .replace(/^(dns:\/\/\/|ipv[46]:)/, '')
    .split(',')
    .map((host) => new URL(`${isSecure ? 'https' : 'http'}://${host}`));
