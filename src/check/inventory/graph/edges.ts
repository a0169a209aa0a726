import type { Evidence } from '../../contract.ts';
import type { Reference } from '../configuration/references.ts';
import type { KubeService, ServicePort } from '../kubernetes/types.ts';
import { wellKnownPorts } from '../technologies/ports.ts';
import { schemeRole } from '../technologies/schemes.ts';
import { isTelemetryPort, namesTelemetry } from '../technologies/telemetry-names.ts';
import type { Classification } from './classify.ts';
import type { Component } from './components.ts';
import type { Destination } from './dns.ts';

/** sync: waits for an answer · async: through a broker · store: its data · platform: telemetry, gateways and the like. */
export type Style = 'sync' | 'async' | 'store' | 'platform';

/** Something that one component says about another, or about a name. */
export interface Edge {
  from: Component;
  /** Undefined where the name leads to nothing in the cluster. */
  to?: Component;
  service?: KubeService;
  destination: Destination['kind'];
  /** The namespace in its address, where there is none of that name. */
  noNamespace?: string;
  style: Style;
  protocol: string;
  host: string;
  port?: number;
  setting: string;
  database?: string;
  schema?: string;
  user?: string;
  /** It stands in a directory of addresses that several are given whole: who uses which is not known. */
  offered?: true;
  /** What in the workload brings in the ConfigMap that holds it. */
  given?: { object: string; path: string };
  evidence: Evidence;
}

/** What a Service's port speaks: its own word (appProtocol, then the name's prefix), then the number. */
export function protocolOf(port: ServicePort | undefined): string | undefined {
  const own =
    port?.appProtocol?.replace(/^kubernetes\.io\//, '') ??
    /^(https?|http2|grpc|grpc-web|amqps?|nats|kafka|redis|mongo|mysql|postgres\w*|mqtt|tcp|tls)(-|$)/.exec(
      port?.name ?? '',
    )?.[1];
  if (own && own !== 'tcp') return own;
  return port ? wellKnownPorts.get(port.port)?.protocol : undefined;
}

const queues =
  /\.servicebus\.windows\.net$|^sqs\.[a-z0-9-]+\.amazonaws\.com$|\.kafka\.[a-z0-9-]+\.amazonaws\.com$|\.confluent\.cloud$|pubsub\.googleapis\.com$/;

/** An address that is shown: without user and path. */
const shown = ({ scheme, host, port }: Reference): string =>
  `${scheme ? `${scheme}://` : ''}${host}${port ? `:${port}` : ''}`;

/** A name that leads nowhere counts only where nobody can take it for anything but an address of a service. */
const isPlain = (reference: Reference): boolean => {
  if (/\.svc(\.|$)/.test(reference.host)) return true;
  // A control plane may know a name that no Service has.
  if (reference.scheme === 'xds') return false;
  // A file holds examples too: there only a whole address counts.
  if (reference.source === 'file') return reference.scheme !== undefined && reference.port !== undefined;
  if (reference.scheme) return true;
  const hostLike = /(host|addr|url|uri|endpoint|server|service|broker|upstream|target|dsn|proxy)/i.test(
    reference.setting,
  );
  return reference.source === 'variable' && reference.port !== undefined && hostLike;
};

/** No call of the business: by the setting's name, or by a port that only telemetry uses. */
function isTelemetry(
  reference: Reference,
  target: Classification | undefined,
  byScheme: 'store' | 'broker' | undefined,
): boolean {
  // `COLLECTOR_DB_URL=postgres://…` is somebody's data, and the name of a file says nothing about each address in it.
  if (byScheme) return false;
  if (reference.source !== 'file' && namesTelemetry(reference.setting)) return true;
  return (
    isTelemetryPort(reference.port) &&
    (target !== undefined || isPlain(reference)) &&
    target?.class !== 'store' &&
    target?.class !== 'broker'
  );
}

export function edgeOf(
  from: Component,
  reference: Reference,
  destination: Destination,
  to: Component | undefined,
  classOf: (component: Component) => Classification,
): Edge | undefined {
  if (to === from) return undefined;
  if (destination.kind === 'unclear') return undefined;
  if ((destination.kind === 'absent' || destination.kind === 'unread') && !isPlain(reference)) return undefined;
  if (destination.kind === 'outside' && !reference.scheme && !reference.database && !queues.test(reference.host))
    return undefined;
  if (destination.kind === 'no-port' && reference.source === 'file') return undefined;
  const service = 'service' in destination ? destination.service : undefined;
  const port = destination.kind === 'service' ? destination.port : undefined;
  const scheme = reference.scheme;
  const byScheme = scheme ? schemeRole(scheme) : queues.test(reference.host) ? 'broker' : undefined;
  const target = to ? classOf(to) : undefined;
  return {
    from,
    ...(to ? { to } : {}),
    ...(service ? { service } : {}),
    destination: destination.kind,
    ...(reference.given ? { given: reference.given } : {}),
    ...(destination.kind === 'absent' && destination.noNamespace ? { noNamespace: destination.noNamespace } : {}),
    style: isTelemetry(reference, target, byScheme) ? 'platform' : styleOf(target, byScheme, reference.port),
    protocol: scheme ?? protocolOf(port) ?? wellKnownPorts.get(reference.port ?? 0)?.protocol ?? 'tcp',
    host: reference.host,
    ...(reference.port ? { port: reference.port } : {}),
    setting: reference.setting,
    ...(reference.database ? { database: reference.database } : {}),
    ...(reference.schema ? { schema: reference.schema } : {}),
    ...(reference.user ? { user: reference.user } : {}),
    evidence: { object: reference.object, path: reference.path, value: shown(reference) },
  };
}

function styleOf(
  target: Classification | undefined,
  byScheme: 'store' | 'broker' | undefined,
  port: number | undefined,
): Style {
  if (target?.class === 'store') return 'store';
  if (target?.class === 'broker') return 'async';
  if (target?.class === 'application') return 'sync';
  if (target) return 'platform';
  const role = byScheme ?? (port === undefined ? undefined : wellKnownPorts.get(port)?.role);
  return role === 'store' ? 'store' : role === 'broker' ? 'async' : 'sync';
}

/** The port of the Service that an edge calls; undefined where it has several and the address names none. */
export const portOf = ({ port, service, protocol }: Edge): number | undefined => {
  if (port !== undefined) return port;
  const ports = service?.spec.ports ?? [];
  if (ports.length === 1) return ports[0]?.port;
  return protocol === 'http' ? 80 : protocol === 'https' ? 443 : undefined;
};
