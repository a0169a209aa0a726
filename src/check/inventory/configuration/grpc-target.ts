/** Resolvers that look a name up: the others name a registry, a socket or nothing that could be compared. */
const target =
  /^(dns|passthrough|xds|kubernetes|k8s|ipv4)(?::\/\/[^/\s]{0,253}\/|:)(?:([a-z0-9][a-z0-9.-]{0,252})(?::(\w{1,32}))?)$/i;
/** The port's own word before a name, as SRV records and Thanos write it: `dnssrv+_grpc._tcp.orders.shop.svc`. */
const lookedUp = /^(?:dns|dnssrv|dnssrvnoa)\+(?:_[\w-]{1,63}\._(?:tcp|udp)\.)?/i;

/** A name that a client of gRPC looks up: `dns:///orders:50051`, with or without the server that is asked. */
export interface GrpcTarget {
  /** xds: whatever a control plane knows by that name, which may be no name of DNS. */
  scheme: 'grpc' | 'xds';
  host: string;
  /** Digits; a port by name is left out. */
  port?: string;
}

/** @returns undefined where it is no such target: `dns:53` is a host and a port. */
export function grpcTarget(word: string): GrpcTarget | undefined {
  const [, resolver = '', host = '', port] = target.exec(word) ?? [];
  if (host === '' || (!word.includes('://') && port === undefined) || /^\d+$/.test(host)) return undefined;
  return {
    scheme: resolver.toLowerCase() === 'xds' ? 'xds' : 'grpc',
    host,
    ...(port && /^\d{1,5}$/.test(port) ? { port } : {}),
  };
}

/** `dns+orders:9090` is `orders:9090`. */
export const withoutLookup = (word: string): string => word.replace(lookedUp, '');

/** `_http._tcp.orders`, by which clients of SRV records and of Kubernetes say the port, is `orders`. */
export const withoutPortName = (host: string): string => host.replace(/^_[\w-]{1,63}\._(?:tcp|udp)\./i, '');
