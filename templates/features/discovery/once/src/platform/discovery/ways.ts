import type { FastifyInstance } from 'fastify';
import discoverySettings from '../../settings/discovery.ts';
import { dnsSource } from './dns-source.ts';
import { readAccess } from './kubernetes/access.ts';
import { readTarget } from './kubernetes/slices.ts';
import { kubernetesSource } from './kubernetes-source.ts';
import { openRegistry } from './open-registry.ts';
import type { Source } from './source.ts';
import { staticSource } from './static-source.ts';

/** What is needed to balance over the instances of one service. */
export interface Found {
  source: Source;
  /** What requests name as their host, where the source tells bare addresses. */
  authority?: string;
}

/** @param variable name of the setting with the addresses. @throws Error with what the way needs, where it is not there */
type Way = (app: FastifyInstance, urls: readonly URL[], variable: string) => Found;

/** Every way to find instances, by its word in the settings. */
export const ways = {
  /** The addresses in the settings. */
  static: (_app, urls, variable) => {
    if (new Set(urls.map(({ pathname }) => pathname)).size > 1) throw new Error(`one path in ${variable}`);
    return { source: staticSource(urls) };
  },
  /** All addresses of a name: those of a headless Service, of a Compose service, or of `_port._tcp.name` (SRV). */
  dns: (app, urls, variable) => {
    const url = only(urls, variable);
    return { source: dnsSource(url, { servers: discoverySettings(app.env).dnsServers }), authority: authorityOf(url) };
  },
  /** The pods of a Service, watched through the API server. */
  kubernetes: (app, urls, variable) => {
    const url = only(urls, variable);
    const access = readAccess(app.env, discoverySettings(app.env).accountFolder);
    return { source: kubernetesSource(access, readTarget(url, access.namespace)), authority: authorityOf(url) };
  },
  /** Those that registered themselves under the name in the address. */
  registry: (app, urls, variable) => ({ source: openRegistry(app, only(urls, variable).hostname) }),
} as const satisfies Record<string, Way>;

function only(urls: readonly URL[], variable: string): URL {
  const [url, ...more] = urls;
  if (!url || more.length > 0) throw new Error(`one address in ${variable}`);
  return url;
}

/** The name alone: `_http._tcp.` says which port, and is no part of a host. */
const authorityOf = ({ host }: URL): string => host.replace(/^_[^.]+\._[^.]+\./, '');
