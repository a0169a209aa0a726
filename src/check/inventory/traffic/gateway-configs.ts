import { parse } from 'yaml';
import { at, fields, items, text, texts } from '../kubernetes/fields.ts';

/** What a configuration makes of the program that reads it. */
export interface GatewayConfig {
  technology: string;
  /** Hosts that its routes lead to, as they are written: `http://orders:8080`, `lb://orders`, `orders`. */
  targets: string[];
  /** It serves pages of its own besides. */
  servesFiles?: true;
}

const valuesOf = (value: unknown): unknown[] => Object.values(fields(value));
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : valuesOf(value));

/** Everything below, as far as a configuration is ever nested. */
function* below(value: unknown, depth = 0): Generator<unknown> {
  if (depth > 24 || typeof value !== 'object' || value === null) return;
  yield value;
  for (const inner of Object.values(value)) yield* below(inner, depth + 1);
}

/** Each reads a document of YAML or JSON: targets of its routes, or undefined where it is none of that technology. */
const documents: readonly { technology: string; hint: RegExp; targets(document: unknown): unknown[] | undefined }[] = [
  {
    technology: 'Spring Cloud Gateway',
    hint: /gateway/,
    targets: (document) => {
      const gateway = at(document, 'spring', 'cloud', 'gateway');
      const own = [gateway, at(gateway, 'server', 'webflux'), at(gateway, 'server', 'webmvc'), at(gateway, 'mvc')];
      if (!own.some((each) => at(each, 'routes') !== undefined || at(each, 'discovery', 'locator') !== undefined))
        return undefined;
      return own.flatMap((each) => list(at(each, 'routes')).map((route) => at(route, 'uri')));
    },
  },
  {
    technology: 'Zuul',
    hint: /zuul/,
    targets: (document) => {
      const routes = at(document, 'zuul', 'routes');
      return routes === undefined
        ? undefined
        : valuesOf(routes).map((route) => at(route, 'url') ?? at(route, 'serviceId') ?? at(route, 'service-id'));
    },
  },
  {
    technology: 'YARP',
    hint: /ReverseProxy/i,
    targets: (document) => {
      const proxy = at(document, 'ReverseProxy');
      return at(proxy, 'Routes') === undefined
        ? undefined
        : list(at(proxy, 'Clusters')).flatMap((cluster) =>
            list(at(cluster, 'Destinations')).map((destination) => at(destination, 'Address')),
          );
    },
  },
  {
    technology: 'Ocelot',
    hint: /Downstream(PathTemplate|HostAndPorts)/,
    targets: (document) => {
      const routes = [...items(at(document, 'Routes')), ...items(at(document, 'ReRoutes'))];
      return routes.some((route) => at(route, 'DownstreamPathTemplate') !== undefined)
        ? routes.flatMap((route) => [
            at(route, 'ServiceName'),
            ...items(at(route, 'DownstreamHostAndPorts')).map((target) => at(target, 'Host')),
          ])
        : undefined;
    },
  },
  {
    technology: 'Express Gateway',
    hint: /apiEndpoints/,
    targets: (document) =>
      at(document, 'apiEndpoints') !== undefined && at(document, 'pipelines') !== undefined
        ? valuesOf(at(document, 'serviceEndpoints')).flatMap((one) => [at(one, 'url'), ...texts(at(one, 'urls'))])
        : undefined,
  },
  {
    // What this project generates (--template gateway).
    technology: 'a generated gateway',
    hint: /\bservice:/,
    targets: (document) => {
      const routes = items(at(document, 'routes'));
      const isRoute = (one: unknown): boolean => [at(one, 'path'), at(one, 'service')].every((part) => text(part));
      return routes.length > 0 && routes.every(isRoute)
        ? routes.map((one) => at(one, 'url') ?? at(one, 'service'))
        : undefined;
    },
  },
  {
    technology: 'KrakenD',
    hint: /endpoints/,
    targets: (document) => {
      const endpoints = items(at(document, 'endpoints')).filter((one) => items(at(one, 'backend')).length > 0);
      return at(document, 'version') !== undefined && endpoints.length > 0
        ? endpoints.flatMap((one) => items(at(one, 'backend')).flatMap((target) => texts(at(target, 'host'))))
        : undefined;
    },
  },
  {
    technology: 'Envoy',
    hint: /static_resources|dynamic_resources/,
    targets: (document) => {
      const fixed = at(document, 'static_resources');
      if (at(fixed, 'listeners') === undefined && at(document, 'dynamic_resources', 'lds_config') === undefined)
        return undefined;
      return [...below(at(fixed, 'clusters'))].map((each) => at(each, 'socket_address', 'address'));
    },
  },
];

/** Longer files are data. */
const longest = 256 * 1024;

function understood(source: string): unknown {
  try {
    return parse(source, { maxAliasCount: 50, logLevel: 'silent', uniqueKeys: false });
  } catch {
    return undefined;
  }
}

/** Names of settings of their own, as variables or as keys of a properties file, and what they are set to. */
const settings: readonly (readonly [technology: string, name: RegExp])[] = [
  [
    'Spring Cloud Gateway',
    /^spring[._]cloud[._]gateway[._](server[._]web(flux|mvc)[._]|mvc[._])?routes[[_]?\d+[\]_]?[._]?uri$/i,
  ],
  ['Zuul', /^zuul[._]routes[._].+[._](url|service-?id)$/i],
  ['YARP', /^ReverseProxy(__|:)Clusters(__|:).+(__|:)Address$/i],
  ['Ocelot', /^Routes(__|:)\d+(__|:)DownstreamHostAndPorts(__|:)\d+(__|:)Host$/i],
];

/** What one setting says by its name. */
export function gatewaySetting(name: string, value: string): GatewayConfig | undefined {
  const found = settings.find(([, pattern]) => pattern.test(name.slice(0, 256)));
  return found && { technology: found[0], targets: [value] };
}

const property = /^\s*([\w.[\]-]{1,200})\s*[=:]\s*(\S{1,500})\s*$/;

function fromProperties(source: string): GatewayConfig | undefined {
  if (!/^[ \t]*(spring\.cloud\.gateway|zuul)\./m.test(source)) return undefined;
  const all = source.split('\n').flatMap((line) => {
    const [, name = '', value = ''] = property.exec(line) ?? [];
    return gatewaySetting(name, value) ?? [];
  });
  const [first] = all;
  return first && { technology: first.technology, targets: all.flatMap(({ targets }) => targets) };
}

/** Lines of NGINX, Caddy and HAProxy that hand requests on, and those that serve files. */
const handsOn = /^\s*(?:proxy_pass|grpc_pass|reverse_proxy|server)\s+([^;#{}]{1,500})/;
const files = /^\s*(?:root|alias|try_files|file_server)\b/;

function fromDirectives(source: string): GatewayConfig | undefined {
  const technology = /^[ \t]*(proxy_pass|grpc_pass)\s/m.test(source)
    ? 'NGINX'
    : /^[ \t]*reverse_proxy\s/m.test(source)
      ? 'Caddy'
      : /^[ \t]*frontend\s/m.test(source) && /^[ \t]*backend\s/m.test(source)
        ? 'HAProxy'
        : undefined;
  if (!technology) return undefined;
  const lines = source.split('\n');
  const targets = lines.flatMap((line) => (handsOn.exec(line)?.[1] ?? '').split(/\s+/).filter((word) => word !== ''));
  return { technology, targets, ...(lines.some((line) => files.test(line)) ? { servesFiles: true } : {}) };
}

/** What a whole file, or a variable that holds one, makes of whoever reads it. */
export function gatewayConfig(source: string): GatewayConfig | undefined {
  if (source.length > longest) return undefined;
  const hinted = documents.filter(({ hint }) => hint.test(source));
  const document = hinted.length > 0 ? understood(source) : undefined;
  for (const { technology, targets } of document === undefined ? [] : hinted) {
    const found = targets(document);
    if (found) return { technology, targets: found.flatMap((target) => text(target) ?? []) };
  }
  return fromProperties(source) ?? fromDirectives(source);
}
