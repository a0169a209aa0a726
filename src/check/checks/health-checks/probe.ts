import type { Container, ProbeHandler } from '../../inventory/kubernetes/types.ts';
import { programsOf, type Worth, worthOfCommand } from './command.ts';

export type ProbeName = 'readinessProbe' | 'livenessProbe' | 'startupProbe';

export const words: Readonly<Record<ProbeName, string>> = {
  readinessProbe: 'readiness',
  livenessProbe: 'liveness',
  startupProbe: 'startup',
};

/** What the success of a probe proves. */
export function worthOf(probe: ProbeHandler): Worth {
  if (probe.httpGet || probe.grpc) return 'tests';
  if (probe.exec) return worthOfCommand(probe.exec.command ?? []);
  return probe.tcpSocket ? 'port' : 'nothing';
}

const pathOf = (path: string): string => path.replace(/[?#].*$/s, '');

const placeOf = ({ host, port = '?' }: { host?: string; port?: number | string }): string =>
  host ? `${host}:${port}` : `${port}`;

/** A probe as reports may show it: arguments, queries and headers may hold secrets. */
export function shown(probe: ProbeHandler): string {
  if (probe.httpGet) return `GET ${pathOf(probe.httpGet.path ?? '/')} on ${placeOf(probe.httpGet)}`;
  if (probe.grpc) return `grpc on ${probe.grpc.port ?? '?'}`;
  if (probe.tcpSocket) return `tcp on ${placeOf(probe.tcpSocket)}`;
  const programs = programsOf(probe.exec?.command ?? []);
  return programs.length === 0 ? 'exec' : `exec ${programs.slice(0, 4).join(', ')}${programs.length > 4 ? ', …' : ''}`;
}

/** Seconds until the kubelet gives up; its defaults are 10 s and 3. */
export const patience = ({ periodSeconds = 10, failureThreshold = 3 }: ProbeHandler): number =>
  periodSeconds * failureThreshold;

/** Whether two probes of a container ask the same: a port may be called by its name or its number. */
export function sameEndpoint(a: ProbeHandler, b: ProbeHandler, { ports }: Container): boolean {
  const numberOf = (port: number | string | undefined): string =>
    String((ports ?? []).find(({ name }) => name !== undefined && name === port)?.containerPort ?? port);
  const [one, other] = [a, b].map(({ httpGet, grpc, tcpSocket, exec }) =>
    JSON.stringify([
      httpGet && [httpGet.scheme ?? 'HTTP', httpGet.host ?? '', numberOf(httpGet.port), httpGet.path || '/'],
      grpc && [grpc.port, grpc.service ?? ''],
      tcpSocket && [tcpSocket.host ?? '', numberOf(tcpSocket.port)],
      exec?.command,
    ]),
  );
  return one === other;
}

/**
 * Where a probe asks that names a host of its own: elsewhere, or the node's loopback, where no container listens that
 * has a network of its own. The kubelet asks from the node, not from within the pod.
 */
export function otherHost({ httpGet, tcpSocket }: ProbeHandler, { ports }: Container, onHost: boolean) {
  const handler = httpGet ?? tcpSocket;
  const host = handler?.host;
  if (typeof host !== 'string' || host === '') return undefined;
  const isNode = /^(localhost|127(\.\d+){3}|0\.0\.0\.0|\[?::1?\]?)$/i.test(host);
  if (!isNode) return { host, isNode };
  const isHostPort = (ports ?? []).some(
    ({ hostPort }) => hostPort !== undefined && String(hostPort) === String(handler?.port),
  );
  return onHost || isHostPort ? undefined : { host, isNode };
}

/**
 * A port that the probe calls by a name which its container lacks. The kubelet then throws every result away
 * (pkg/kubelet/prober/worker.go): readiness stays at failure, liveness at success.
 */
export function missingPort({ httpGet, tcpSocket }: ProbeHandler, { ports }: Container): string | undefined {
  const port = httpGet?.port ?? tcpSocket?.port;
  if (typeof port !== 'string' || /^\d+$/.test(port)) return undefined;
  return (ports ?? []).some(({ name }) => name === port) ? undefined : port;
}
