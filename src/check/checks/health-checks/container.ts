import type { Evidence } from '../../contract.ts';
import { isPlaceholder, laterPort } from '../../inventory/kubernetes/placeholders.ts';
import type { Container, ProbeHandler } from '../../inventory/kubernetes/types.ts';
import { type Workload, workloadName } from '../../inventory/kubernetes/workloads.ts';
import { patchOf } from '../define/patch.ts';
import type { Worth } from './command.ts';
import { missingPort, otherHost, type ProbeName, patience, sameEndpoint, shown, words, worthOf } from './probe.ts';
import type { Found } from './reasons.ts';

/** What a container is for: what its probes may be, and whether anybody's traffic depends on them. */
export interface Purpose {
  /** A data store or broker. */
  isBackend: boolean;
  /** Something leads traffic to it. */
  hasTraffic: boolean;
  /** Written down, and not filled in yet: `${PORT}` stands for something. */
  isTemplate: boolean;
}

/** A container with what is said about it. */
interface Case {
  workload: Workload;
  container: Container;
  purpose: Purpose;
  object: string;
  /** "spec.template.spec.containers[0]" */
  at: string;
  /** "container orders of Deployment shop/orders" */
  named: string;
}

export const containerPath = ({ specPath, spec }: Workload, container: Container): string =>
  `${specPath}.containers[${spec.containers.indexOf(container)}]`;

const evidenceOf = ({ object, at }: Case, name: ProbeName, probe?: ProbeHandler): Evidence => ({
  object,
  path: `${at}.${name}`,
  value: probe ? shown(probe) : 'not set',
});

/** Everything about the probes of one container. */
export function judgeContainer(workload: Workload, container: Container, purpose: Purpose): Found[] {
  const object = workloadName(workload);
  const at = containerPath(workload, container);
  const one: Case = {
    workload,
    container,
    purpose,
    object,
    at,
    named: `${container.name ? `container ${container.name}` : 'its container'} of ${object}`,
  };
  const { readinessProbe: ready, livenessProbe: live, startupProbe } = container;
  const startup = startupProbe ? judgeProbe(one, 'startupProbe', startupProbe) : [];
  if (!ready && !live) return [noProbes(one, startup.length === 0 ? startupProbe : undefined), ...startup];
  return [
    ...(ready ? judgeProbe(one, 'readinessProbe', ready) : [missing(one, 'readinessProbe')]),
    ...(live ? judgeProbe(one, 'livenessProbe', live) : [missing(one, 'livenessProbe')]),
    // What a startup probe proves is a matter of the start; one that never acts keeps the pod from ever being ready.
    ...startup.filter(({ reason }) => reason === 'PROBE_OF_NO_PORT' || reason === 'PLACEHOLDER'),
    ...(ready && live && sameEndpoint(ready, live, container) ? judgePatience(one, ready, live) : []),
  ];
}

/** Neither readiness nor liveness. @param startup a startup probe that does its work */
function noProbes(one: Case, startup: ProbeHandler | undefined): Found {
  const { named, workload, at } = one;
  const { reason, harm, fix } = startup ? onlyStartup(at) : withoutAny(one.purpose, at);
  return {
    status: 'fail',
    reason,
    message: `${named} has ${startup ? 'a startup probe alone' : 'neither a readiness nor a liveness probe'}: ${harm}`,
    evidence: [
      ...(startup ? [evidenceOf(one, 'startupProbe', startup)] : []),
      evidenceOf(one, 'readinessProbe'),
      evidenceOf(one, 'livenessProbe'),
    ],
    fix,
    key: workload.name,
    ...patch(one, ['readinessProbe', 'livenessProbe']),
  };
}

/** What is lacking: what happens, and what to do. */
interface Lack {
  reason: Found['reason'];
  harm: string;
  fix: string;
}

const hung = 'nothing restarts it when it hangs';

const onlyStartup = (at: string): Lack => ({
  reason: 'ONLY_STARTUP_PROBE',
  harm: `traffic waits for its start, and from then on nobody asks: it keeps its traffic when it cannot serve, and ${hung}`,
  fix: `Add readinessProbe and livenessProbe at ${at}; the startup probe may stay.`,
});

/** Without any probe: what happens, and what to do. */
function withoutAny({ isBackend, hasTraffic }: Purpose, at: string): Lack {
  const both = `Add readinessProbe and livenessProbe at ${at}`;
  if (isBackend)
    return {
      reason: 'BACKEND_WITHOUT_PROBES',
      harm: `clients reach it before it is ready, and ${hung}`,
      fix: `${both}: a command of its own that asks it (such as pg_isready, redis-cli ping, rabbitmq-diagnostics ping), or tcpSocket.`,
    };
  if (!hasTraffic)
    return {
      reason: 'WORKER_WITHOUT_PROBES',
      harm: hung,
      fix: `Add livenessProbe (and readinessProbe, which a rollout waits for) at ${at}: a command that asks the app, or httpGet on a small port for health.`,
    };
  return {
    reason: 'NO_PROBES',
    harm: `traffic reaches it before it is ready, and ${hung}`,
    fix: `${both}, on endpoints that answer from the app (for example GET /health/ready and /health/live).`,
  };
}

function missing(one: Case, name: 'readinessProbe' | 'livenessProbe'): Found {
  const { named, at, workload } = one;
  return {
    status: 'warn',
    reason: name === 'readinessProbe' ? 'NO_READINESS' : 'NO_LIVENESS',
    message: `${named} has no ${words[name]} probe`,
    evidence: [evidenceOf(one, name)],
    fix:
      name === 'readinessProbe'
        ? `Add ${at}.readinessProbe: it keeps traffic away while the app starts or cannot serve.`
        : `Add ${at}.livenessProbe on an endpoint without dependencies: it restarts an app that hangs.`,
    key: workload.name,
    ...patch(one, [name]),
  };
}

/** What a probe that never acts does, for ever. */
const inert: Readonly<Record<ProbeName, string>> = {
  readinessProbe: 'it stays not ready',
  livenessProbe: 'it counts as alive whatever it does',
  startupProbe: 'it never counts as started, so it is never ready',
};

function judgeProbe(one: Case, name: ProbeName, probe: ProbeHandler): Found[] {
  const { purpose, workload, at } = one;
  const common = { evidence: [evidenceOf(one, name, probe)], key: `${workload.name}/${words[name]}` };
  const port = missingPort(probe, one.container);
  if (port !== undefined)
    return [{ ...common, ...judgePort(one, name, port, common.evidence), ...askingNumber(one, name, probe) }];
  const elsewhere = otherHost(probe, one.container, workload.spec.hostNetwork === true);
  if (elsewhere && !(purpose.isTemplate && isPlaceholder(elsewhere.host)))
    return [{ ...common, ...judgeHost(one, name, elsewhere) }];
  const worth = worthOf(probe);
  if (worth === 'tests' || (worth === 'port' && purpose.isBackend)) return [];
  const { status, reason, says, fix } = weaknesses[worth];
  const what = `the ${words[name]} probe of ${one.named}`;
  return [
    {
      ...common,
      status,
      reason,
      message: says(what, shown(probe)),
      fix: fix(`${at}.${name}`),
      ...(name === 'startupProbe' || purpose.isBackend ? {} : patch(one, [name], probe)),
    },
  ];
}

/** What is said of a probe that proves too little. */
interface Weakness {
  status: 'fail' | 'warn';
  reason: Found['reason'];
  says(what: string, command: string): string;
  fix(at: string): string;
}

const weaknesses: Readonly<Record<Exclude<Worth, 'tests'>, Weakness>> = {
  nothing: {
    status: 'fail',
    reason: 'PROBE_PROVES_NOTHING',
    says: (what, command) => `${what} (${command}) succeeds whatever the app does`,
    fix: (at) => `Make ${at} ask the app: httpGet, grpc, or a command that calls it.`,
  },
  marker: {
    status: 'warn',
    reason: 'MARKER_FILE',
    says: (what, command) =>
      `${what} (${command}) sees that a file is there: whether the app takes it away when it hangs is not visible`,
    fix: (at) =>
      `Make ${at} ask the app, or compare the age of the file that the app touches: test $(( $(date +%s) - $(stat -c %Y FILE) )) -lt 60.`,
  },
  port: {
    status: 'warn',
    reason: 'TCP_ONLY',
    says: (what, command) => `${what} only opens a connection (${command}): a hung app still accepts those`,
    fix: (at) => `Replace it at ${at} with httpGet or grpc on an endpoint of the app.`,
  },
};

/** A probe on a named port that its container lacks. */
function judgePort(
  { named, at, object, container, purpose }: Case,
  name: ProbeName,
  port: string,
  evidence: Evidence[],
) {
  const what = `the ${words[name]} probe of ${named}`;
  if (purpose.isTemplate && isPlaceholder(port))
    return {
      status: 'unknown' as const,
      reason: 'PLACEHOLDER' as const,
      message: `${what} asks port ${port}, which is filled in later`,
      fix: 'Judge what it renders to.',
    };
  return {
    status: 'fail' as const,
    reason: 'PROBE_OF_NO_PORT' as const,
    message: `${what} asks the port named ${port}, and that container has none: the probe never acts, and ${inert[name]}`,
    evidence: [...evidence, { object, path: `${at}.ports`, value: portsOf(container) }],
    fix: `Name a port of that container ${port} at ${at}.ports, or use the number at ${at}.${name}.`,
  };
}

/** A probe that names a host: it asks there, whatever this container does. */
function judgeHost({ named, at }: Case, name: ProbeName, { host, isNode }: { host: string; isNode: boolean }) {
  const what = `the ${words[name]} probe of ${named}`;
  return {
    status: isNode ? ('fail' as const) : ('warn' as const),
    reason: isNode ? ('PROBE_ASKS_THE_NODE' as const) : ('PROBE_ASKS_ANOTHER_HOST' as const),
    message: isNode
      ? `${what} asks ${host}, which for the kubelet is the node: the container has a network of its own and is never asked`
      : `${what} asks ${host} instead of its own pod: what answers there says nothing of this container`,
    fix: `Let ${at}.${name} name no host, so that the kubelet asks the pod; a name that the app wants to be called by goes into httpHeaders as Host.`,
  };
}

const portsOf = ({ ports }: Container): string =>
  (ports ?? []).map(({ name, containerPort }) => (name ? `${name} ${containerPort}` : containerPort)).join(', ') ||
  'none';

function judgePatience(one: Case, ready: ProbeHandler, live: ProbeHandler): Found[] {
  if (patience(live) >= patience(ready)) return [];
  return [
    {
      status: 'warn',
      reason: 'LIVENESS_GIVES_UP_FIRST',
      message: `liveness and readiness of ${one.named} ask the same endpoint, and liveness gives up after ${patience(live)} s, readiness after ${patience(ready)} s: the app is killed before it is taken out of traffic`,
      evidence: [evidenceOf(one, 'livenessProbe', live), evidenceOf(one, 'readinessProbe', ready)],
      fix: `Give liveness more patience than readiness (periodSeconds × failureThreshold), or an endpoint of its own.`,
      key: one.workload.name,
      ...patchedProbe(one, 'livenessProbe', {
        failureThreshold: Math.ceil(patience(ready) / (live.periodSeconds ?? 10)),
      }),
    },
  ];
}

const paths = { readinessProbe: '/health/ready', livenessProbe: '/health/live' };

/** The probes as YAML, where the object and a port of its container are known. @param instead of which it replaces */
function patch(one: Case, names: readonly (keyof typeof paths)[], instead: ProbeHandler = {}): { patch?: string } {
  const port = one.container.ports?.[0];
  if (!port || port.containerPort === laterPort) return {};
  const target = port.name ?? port.containerPort;
  const gone = (['exec', 'tcpSocket'] as const)
    .filter((handler) => handler in instead)
    .map((handler) => [handler, null]);
  const probes = names.map((name) => [
    name,
    {
      ...Object.fromEntries(gone),
      ...(one.purpose.isBackend ? { tcpSocket: { port: target } } : { httpGet: { path: paths[name], port: target } }),
    },
  ]);
  return patched(one, Object.fromEntries(probes));
}

/** A probe on a name that its container lacks, with the number of the only port there is. */
function askingNumber(one: Case, name: ProbeName, { httpGet, tcpSocket }: ProbeHandler): { patch?: string } {
  const [only, another] = one.container.ports ?? [];
  const handler = httpGet ? 'httpGet' : tcpSocket ? 'tcpSocket' : undefined;
  if (!only || another || !handler || only.containerPort === laterPort) return {};
  return patchedProbe(one, name, { [handler]: { port: only.containerPort } });
}

const patchedProbe = (one: Case, name: ProbeName, change: object): { patch?: string } =>
  patched(one, { [name]: change });

/** A change of the container, where the object that holds it is known; Knative's may have no name to find it by. */
function patched({ workload, container }: Case, change: object): { patch?: string } {
  if (!workload.object || workload.specPath !== 'spec.template.spec' || container.name === '') return {};
  const changed = { name: container.name, ...change };
  return { patch: patchOf(workload.object, { spec: { template: { spec: { containers: [changed] } } } }) };
}
