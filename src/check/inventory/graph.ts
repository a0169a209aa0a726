import type { Evidence } from '../contract.ts';
import type { Classification } from './classify.ts';
import type { KubeService, ServicePort } from './kube.ts';
import type { Party } from './parties.ts';
import type { Reference } from './references.ts';
import type { Destination } from './resolve.ts';
import { schemeRole, wellKnownPorts } from './technologies.ts';

/** sync: waits for an answer · async: through a broker · store: its data · platform: telemetry, gateways and the like. */
export type Style = 'sync' | 'async' | 'store' | 'platform';

/** Something that one party says about another, or about a name. */
export interface Edge {
  from: Party;
  /** Undefined where the name leads to nothing in the cluster. */
  to?: Party;
  service?: KubeService;
  destination: Destination['kind'];
  style: Style;
  protocol: string;
  host: string;
  port?: number;
  setting: string;
  database?: string;
  user?: string;
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

/** Settings that say where spans, metrics and log lines go: no calls of the business. */
const telemetry =
  /^(OTEL_|JAEGER_|ZIPKIN|DD_|ELASTIC_APM_|NEW_RELIC_|SW_AGENT_|(SPRING|MANAGEMENT)_ZIPKIN)|(TRACING|COLLECTOR|OTLP|PYROSCOPE|SENTRY|LOKI|FLUENTD)_/i;

/** An address that is shown: without user and path. */
const shown = ({ scheme, host, port }: Reference): string =>
  `${scheme ? `${scheme}://` : ''}${host}${port ? `:${port}` : ''}`;

/** A name that leads nowhere counts only where nobody can take it for anything but an address of a service. */
const isPlain = (reference: Reference): boolean => {
  if (/\.svc(\.|$)/.test(reference.host)) return true;
  // A file holds examples too: there only a whole address counts.
  if (reference.source === 'file') return reference.scheme !== undefined && reference.port !== undefined;
  if (reference.scheme) return true;
  const hostLike = /(host|addr|url|uri|endpoint|server|service|broker|upstream|target|dsn|proxy)/i.test(
    reference.setting,
  );
  return reference.source === 'variable' && reference.port !== undefined && hostLike;
};

export function edgeOf(
  from: Party,
  reference: Reference,
  destination: Destination,
  to: Party | undefined,
  classOf: (party: Party) => Classification,
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
    style: telemetry.test(reference.setting) ? 'platform' : styleOf(target, byScheme, reference.port),
    protocol: scheme ?? protocolOf(port) ?? wellKnownPorts.get(reference.port ?? 0)?.protocol ?? 'tcp',
    host: reference.host,
    ...(reference.port ? { port: reference.port } : {}),
    setting: reference.setting,
    ...(reference.database ? { database: reference.database } : {}),
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
