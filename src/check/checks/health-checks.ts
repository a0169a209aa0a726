import type { Evidence } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import { type Component, waysInto } from '../inventory/graph/components.ts';
import { mainContainer } from '../inventory/graph/main-container.ts';
import type { Container, ProbeHandler } from '../inventory/kubernetes/types.ts';
import { readyPods, type Workload, workloadName } from '../inventory/kubernetes/workloads.ts';
import { daprChannel } from '../inventory/traffic/dapr.ts';
import { defineCheck, unread } from './define/define-check.ts';
import { type Found, type Judgement, reasons } from './health-checks/reasons.ts';

/** Commands that end well whatever the state of the app is. */
const idle = new Set(['true', ':', 'exit', 'echo', 'sleep', 'ls', 'cat', 'test', '[', 'ps', 'pgrep', 'pidof']);

type ProbeName = 'readinessProbe' | 'livenessProbe';
type Worth = 'tests' | 'port' | 'nothing';

/** The first word that runs, inside `sh -c "…"` too. A script of several commands is taken for a real test. */
function commandOf(command: readonly string[]): string | undefined {
  const [first = '', ...rest] = command;
  const program = first.split('/').at(-1) ?? '';
  if (!/^(ba|da|a|z|k)?sh$/.test(program)) return program;
  const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  const script = (flag < 0 ? '' : (rest[flag + 1] ?? '')).trim();
  if (/[|&;\n]/.test(script.replace(/[;\s]+$/, '').replace(/(\|\||&&)\s*(exit \d+|true|false)$/, ''))) return 'script';
  return script.split(/\s+/)[0]?.split('/').at(-1);
}

function worthOf(probe: ProbeHandler): Worth {
  if (probe.httpGet || probe.grpc) return 'tests';
  if (probe.exec) return idle.has(commandOf(probe.exec.command ?? []) ?? '') ? 'nothing' : 'tests';
  return probe.tcpSocket ? 'port' : 'nothing';
}

const shown = (probe: ProbeHandler): string => {
  if (probe.httpGet) return `GET ${probe.httpGet.path ?? '/'} on ${probe.httpGet.port ?? '?'}`;
  if (probe.grpc) return `grpc on ${probe.grpc.port ?? '?'}`;
  if (probe.tcpSocket) return `tcp on ${probe.tcpSocket.port ?? '?'}`;
  const command = probe.exec?.command ?? [];
  const program = commandOf(command) ?? '';
  // Arguments may hold passwords: they are shown only of commands that take none.
  return idle.has(program) ? `exec ${command.join(' ').slice(0, 80)}` : `exec ${program} …`;
};

/** Seconds until the kubelet gives up; its defaults are 10 s and 3. */
const patience = ({ periodSeconds = 10, failureThreshold = 3 }: ProbeHandler): number =>
  periodSeconds * failureThreshold;

const sameEndpoint = (a: ProbeHandler, b: ProbeHandler): boolean =>
  JSON.stringify([a.httpGet?.path, a.httpGet?.port, a.grpc, a.tcpSocket, a.exec]) ===
  JSON.stringify([b.httpGet?.path, b.httpGet?.port, b.grpc, b.tcpSocket, b.exec]);

const words: Record<ProbeName, string> = { readinessProbe: 'readiness', livenessProbe: 'liveness' };

/** What a container is for: what its probes may be, and whether anybody's traffic depends on them. */
interface Purpose {
  /** A data store or broker. */
  isBackend: boolean;
  /** Something leads traffic to it. */
  hasTraffic: boolean;
}

/** Without any probe: what happens, and what to do. */
function noProbes(
  { isBackend, hasTraffic }: Purpose,
  at: string,
): { reason: Found['reason']; harm: string; fix: string } {
  const hung = 'nothing restarts it when it hangs';
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

function judgeContainer(workload: Workload, container: Container, purpose: Purpose): Found[] {
  const object = workloadName(workload);
  const at = `${workload.specPath}.containers[${workload.spec.containers.indexOf(container)}]`;
  const evidence = (name: ProbeName, probe?: ProbeHandler): Evidence => ({
    object,
    path: `${at}.${name}`,
    value: probe ? shown(probe) : 'not set',
  });
  const { readinessProbe: ready, livenessProbe: live } = container;
  const named = `container ${container.name} of ${object}`;
  const key = workload.name;
  if (!ready && !live) {
    const { reason, harm, fix } = noProbes(purpose, at);
    return [
      {
        status: 'fail',
        reason,
        message: `${named} has neither a readiness nor a liveness probe: ${harm}`,
        evidence: [evidence('readinessProbe'), evidence('livenessProbe')],
        fix,
        key,
      },
    ];
  }
  const found: Found[] = [];
  for (const name of ['readinessProbe', 'livenessProbe'] as const) {
    const probe = container[name];
    const worth = probe && worthOf(probe);
    if (!probe)
      found.push({
        status: 'warn',
        reason: name === 'readinessProbe' ? 'NO_READINESS' : 'NO_LIVENESS',
        message: `${named} has no ${words[name]} probe`,
        evidence: [evidence(name)],
        fix:
          name === 'readinessProbe'
            ? `Add ${at}.readinessProbe: it keeps traffic away while the app starts or cannot serve.`
            : `Add ${at}.livenessProbe on an endpoint without dependencies: it restarts an app that hangs.`,
        key,
      });
    else if (worth === 'nothing')
      found.push({
        status: 'fail',
        reason: 'PROBE_PROVES_NOTHING',
        message: `the ${words[name]} probe of ${named} (${shown(probe)}) succeeds whatever the app does`,
        evidence: [evidence(name, probe)],
        fix: `Make ${at}.${name} ask the app: httpGet, grpc, or a command that calls it.`,
        key: `${key}/${words[name]}`,
      });
    else if (worth === 'port' && !purpose.isBackend)
      found.push({
        status: 'warn',
        reason: 'TCP_ONLY',
        message: `the ${words[name]} probe of ${named} only opens a connection (${shown(probe)}): a hung app still accepts those`,
        evidence: [evidence(name, probe)],
        fix: `Replace tcpSocket at ${at}.${name} with httpGet or grpc on an endpoint of the app.`,
        key: `${key}/${words[name]}`,
      });
  }
  if (ready && live && sameEndpoint(ready, live) && patience(live) < patience(ready))
    found.push({
      status: 'warn',
      reason: 'LIVENESS_GIVES_UP_FIRST',
      message: `liveness and readiness of ${named} ask the same endpoint, and liveness gives up after ${patience(live)} s, readiness after ${patience(ready)} s: the app is killed before it is taken out of traffic`,
      evidence: [evidence('livenessProbe', live), evidence('readinessProbe', ready)],
      fix: `Give liveness more patience than readiness (periodSeconds × failureThreshold), or an endpoint of its own.`,
      key,
    });
  return found;
}

function judge(component: Component, facts: Facts): Judgement {
  // A folder of manifests has no pods, and its templates say all about probes that it can say.
  const isWritten = facts.source.kind === 'manifests' && component.workloads.length > 0;
  const gaps = isWritten ? [] : facts.ledger.gaps(['pods'], component.namespace);
  const classification = facts.classOf(component);
  const purpose = {
    isBackend: classification.class !== 'application',
    hasTraffic: waysInto(component).length > 0 || daprChannel(component) !== undefined,
  };
  const found: Found[] = [];
  const evidence: Evidence[] = [];
  let serving = 0;
  for (const workload of component.workloads) {
    const container = mainContainer({ ...component, workloads: [workload] });
    if (!container) continue;
    serving += 1;
    const own = judgeContainer(workload, container, purpose);
    found.push(...own);
    const at = `${workload.specPath}.containers[${workload.spec.containers.indexOf(container)}]`;
    for (const name of ['readinessProbe', 'livenessProbe'] as const) {
      const probe = container[name];
      if (probe) evidence.push({ object: workloadName(workload), path: `${at}.${name}`, value: shown(probe) });
    }
  }
  if (gaps.length > 0)
    return {
      level: 'configured',
      reason: 'NOT_READ',
      message: '',
      evidence,
      findings: [unread(gaps, 'Nobody can say what its pods run with')],
    };
  if (serving === 0)
    return {
      level: 'none',
      reason: 'NO_PODS',
      message: 'no pod or workload of it was seen, so there are no probes to judge',
      findings: [
        {
          status: 'unknown',
          reason: 'NO_PODS',
          message: 'no pod or workload of it was seen, so there are no probes to judge',
          evidence: component.primaryService ? [{ object: `Service ${component.key}`, path: 'spec.selector' }] : [],
          fix: 'Make the selector match the pods; see service-discovery.',
        },
      ],
    };
  const doubt = !classification.certain && found.some(({ reason }) => reason === 'TCP_ONLY');
  if (doubt && found.every(({ reason }) => reason === 'TCP_ONLY'))
    return {
      level: 'wired',
      reason: 'NOT_READ',
      message: '',
      evidence,
      findings: [
        unread(
          facts.ledger.gaps(['configmaps'], component.namespace),
          'Whether a tcp probe is enough depends on what this is',
        ),
      ],
    };
  const ready = component.workloads.some((workload) => readyPods(workload).length > 0);
  return {
    level: ready ? 'observed' : 'wired',
    reason: 'PROBES_TEST_THE_APP',
    message: 'readiness and liveness probes ask the app itself',
    evidence,
    findings: found,
  };
}

export default defineCheck({
  id: 'health-checks',
  title: 'Health checks exposed',
  item: 'Health checks exposed',
  heading: { long: 'health', short: 'health' },
  reads: {
    needs: ['pods'],
    uses: ['services', 'deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'configmaps'],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown'],
  reasons,
  docs: {
    why: 'Kubernetes sends traffic to a pod that is ready and restarts one that is not alive. Without probes that ask the app, both decisions are blind: requests hit an app that is still starting, and a hung one stays.',
    judges:
      'The container behind the Service’s first port. Pass: readiness and liveness that test the app (httpGet, grpc, or a command that does more than `true`, `cat`, `ps` and the like); for data stores and brokers a tcp connection is enough. Warn: one of the two missing, tcp only on an app, or liveness that gives up sooner than readiness on the same endpoint. Fail: neither, or a probe that succeeds whatever the app does. Jobs, init containers and injected sidecars are not judged.',
    wrongWhen:
      'A command that looks idle may be a wrapper that does more, and an endpoint that answers 200 may test nothing: what the app does behind its probe is not visible. Whether liveness asks a dependency (it should not) is not visible either.',
    fix: 'Serve /health/live, which asks no dependency, and /health/ready, which is 503 while starting, draining or without its dependencies. Point livenessProbe and readinessProbe at them, and give liveness more patience than readiness.',
  },
  judge,
});
