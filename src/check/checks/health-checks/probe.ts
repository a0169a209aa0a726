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

/** A probe as reports may show it: arguments, queries and headers may hold secrets. */
export function shown(probe: ProbeHandler): string {
  if (probe.httpGet) return `GET ${pathOf(probe.httpGet.path ?? '/')} on ${probe.httpGet.port ?? '?'}`;
  if (probe.grpc) return `grpc on ${probe.grpc.port ?? '?'}`;
  if (probe.tcpSocket) return `tcp on ${probe.tcpSocket.port ?? '?'}`;
  const programs = programsOf(probe.exec?.command ?? []);
  return programs.length === 0 ? 'exec' : `exec ${programs.slice(0, 4).join(', ')}${programs.length > 4 ? ', …' : ''}`;
}

/** Seconds until the kubelet gives up; its defaults are 10 s and 3. */
export const patience = ({ periodSeconds = 10, failureThreshold = 3 }: ProbeHandler): number =>
  periodSeconds * failureThreshold;

export const sameEndpoint = (a: ProbeHandler, b: ProbeHandler): boolean =>
  JSON.stringify([a.httpGet?.path, a.httpGet?.port, a.grpc, a.tcpSocket, a.exec]) ===
  JSON.stringify([b.httpGet?.path, b.httpGet?.port, b.grpc, b.tcpSocket, b.exec]);

/**
 * A port that the probe calls by a name which its container lacks. The kubelet then throws every result away
 * (pkg/kubelet/prober/worker.go): readiness stays at failure, liveness at success.
 */
export function missingPort({ httpGet, tcpSocket }: ProbeHandler, { ports }: Container): string | undefined {
  const port = httpGet?.port ?? tcpSocket?.port;
  if (typeof port !== 'string' || /^\d+$/.test(port)) return undefined;
  return (ports ?? []).some(({ name }) => name === port) ? undefined : port;
}
