import { appContainers } from '../configuration/references.ts';
import { imageOf } from '../kubernetes/images.ts';
import { isSystemNamespace } from '../kubernetes/system-namespaces.ts';
import type { Container } from '../kubernetes/types.ts';
import { meaningOfImage, type Role } from '../technologies/images.ts';
import { answersAt, type PortMeaning, wellKnownPorts } from '../technologies/ports.ts';
import { sidecarKind } from '../technologies/sidecars.ts';
import type { Component } from './components.ts';
import { isSidePort, mainContainer, portsInto } from './main-container.ts';

export type ComponentClass = 'application' | 'store' | 'broker' | 'platform' | 'job' | 'load' | 'nothing';

/** What a component is. */
export interface Classification {
  class: ComponentClass;
  /** Set for what the platform is made of. */
  role?: Role;
  /** Why: what the list of things not judged says. */
  because: string;
  /** False where only the lack of other signs says "application". */
  certain: boolean;
}

/** Pods that a release makes for a moment: a test, a step before or after it. */
const hooks = ['helm.sh/hook', 'argocd.argoproj.io/hook'];

/** Pods that nobody starts again when they end, and that no Service leads to. */
const isLeftToEnd = ({ workloads, services, sharedServices }: Component): boolean =>
  workloads.length > 0 &&
  services.length + sharedServices.length === 0 &&
  workloads.every(({ specPath, spec }) => specPath === 'spec' && /^(Never|OnFailure)$/.test(spec.restartPolicy ?? ''));

/** Classes that show in the objects themselves. What callers say about it comes later, in `facts.ts`. */
export function classify(component: Component, named: ReadonlySet<string>): Classification {
  const kinds = new Set(component.workloads.map(({ kind }) => kind));
  if (component.workloads.length > 0 && [...kinds].every((kind) => /Job$|^Workflow$|Run$/.test(kind)))
    return { class: 'job', because: 'runs to an end: a job, not a service', certain: true };
  const hook = component.workloads.every(
    ({ kind, annotations }) => kind === 'Pod' && hooks.some((key) => key in annotations),
  );
  if (component.workloads.length > 0 && hook)
    return { class: 'job', because: 'runs to an end: a hook of its release, not a service', certain: true };
  if (isLeftToEnd(component))
    return { class: 'job', because: 'runs to an end (restartPolicy): a job, not a service', certain: true };
  const container = mainContainer(component);
  const image = container && imageOf(container, component.workloads);
  const role = container && roleByImage(container, image);
  if (isSystemNamespace(component.namespace) && !named.has(component.namespace))
    return { class: 'platform', ...(role ? { role } : {}), because: 'lives in a system namespace', certain: true };
  if (role === 'store' || role === 'broker') return { class: role, because: `image ${image}`, certain: true };
  if (component.workloads.length > 0) {
    const made = madeBy.find(({ of }) => component.workloads.every(of));
    if (made) return { class: 'platform', role: made.role, because: made.because, certain: true };
  }
  // Whatever speaks a store's protocol in a store's name is the store that callers see.
  if (image && databaseProxy.test(image))
    return component.primaryService
      ? { class: 'store', because: `image ${image}: a proxy of a store`, certain: true }
      : { class: 'platform', role: 'tool', because: 'part of the platform: a proxy of a store', certain: true };
  if (role === 'load' || (container && playsUsers(container, component.primaryService !== undefined)))
    return {
      class: 'load',
      because: `a load generator, by its ${role === 'load' ? 'image' : 'settings'}`,
      certain: true,
    };
  if (role) return { class: 'platform', role, because: `part of the platform (${role}), by its image`, certain: true };
  if (kinds.size === 1 && kinds.has('DaemonSet') && component.workloads.every(watchesNode))
    return {
      class: 'platform',
      ...(role ? { role } : {}),
      because: 'an agent of the nodes: it mounts what belongs to them',
      certain: true,
    };
  const meaning = container && protocolListenedFor(component, container);
  if (meaning && !answersHttp(container))
    return { class: meaning.role, because: `listens where ${meaning.protocol} does`, certain: true };
  return {
    class: 'application',
    because: 'no sign of anything else',
    certain: container !== undefined && answersHttp(container),
  };
}

const httpName = /^(https?|http2|grpc|web|h2c)(-|$)/;
const httpPorts = new Set([80, 443, 3000, 5000, 8000, 8080, 8443]);

/** A well-known port that it listens on, where no other port of it, but those for whoever looks after it, speaks HTTP. */
function protocolListenedFor(component: Component, container: Container): PortMeaning | undefined {
  const offered = portsInto(component, container).flatMap(({ name = '', port, targetPort }) => [
    { name, number: port },
    ...(typeof targetPort === 'number' ? [{ name, number: targetPort }] : []),
  ]);
  const own = (container.ports ?? []).map(({ name = '', containerPort }) => ({ name, number: containerPort }));
  const ports = [...offered, ...own].filter((port) => !isSidePort(port)).sort((a, b) => a.number - b.number);
  if (ports.some(({ name, number }) => httpName.test(name) || httpPorts.has(number))) return undefined;
  return ports.map(({ number }) => wellKnownPorts.get(number)).find((meaning) => meaning !== undefined);
}

const watchesNode = ({ spec }: Component['workloads'][number]): boolean =>
  (spec.volumes ?? []).some(({ hostPath }) => /^\/(var\/(log|lib\/docker)|proc|sys|$)/.test(hostPath?.path ?? '-'));

/** What its image says, unless that is only a word in a name and it answers where that technology does not. */
function roleByImage(container: Container, image: string | undefined): Role | undefined {
  const meaning = meaningOfImage(image);
  if (!meaning || meaning.certain) return meaning?.role;
  return askedPorts(container).every((port) => port !== undefined && answersAt(meaning.word, port))
    ? meaning.role
    : undefined;
}

type Workload = Component['workloads'][number];

const owned = (workload: Workload, kind: string, group: string): boolean =>
  workload.kind === kind ||
  (workload.object?.metadata.ownerReferences ?? []).some(
    (owner) => owner.kind === kind && owner.apiVersion.startsWith(`${group}/`),
  );

/** Pods that a controller makes of an object that stands for a piece of the platform. */
const madeBy: readonly { of: (workload: Workload) => boolean; role: Role; because: string }[] = [
  {
    of: (workload) =>
      owned(workload, 'Gateway', 'gateway.networking.k8s.io') ||
      'gateway.networking.k8s.io/gateway-name' in workload.labels ||
      'gateway.networking.k8s.io/gateway-name' in workload.podLabels,
    role: 'gateway',
    because: 'part of the platform (gateway): made for a Gateway',
  },
  {
    of: (workload) => owned(workload, 'OpenTelemetryCollector', 'opentelemetry.io'),
    role: 'collector',
    because: 'part of the platform (collector): made for an OpenTelemetryCollector',
  },
  {
    // Nobody saw the pods: only a mesh fills such an image in.
    of: (workload) =>
      appContainers(workload).every(
        (container) => sidecarKind(container.name) && container.image === 'auto' && !imageOf(container, [workload]),
      ),
    role: 'mesh',
    because: 'part of the platform (mesh): its only container is the proxy that a mesh fills in',
  },
];

const databaseProxy = /(^|\/)(cloud-?sql-proxy|gce-proxy|alloydb-auth-proxy)(:|@|$)/;

/** Settings of a run: how many users, how long, which script. A page or a result of such a tool is shown by others too. */
const runSettings =
  /^(LOCUST_(USERS|SPAWN_RATE|RUN_TIME|LOCUSTFILE|HEADLESS|AUTOSTART|MODE_MASTER|MODE_WORKER)|K6_(VUS|DURATION|ITERATIONS|STAGES)|JMETER_(USERS|THREADS|DURATION|LOOPS|RAMP_?UP|TEST_?PLAN|JMX))$/;

/** A known tool, by the settings only it has or the program that is started. */
const playsUsers = ({ env, command, args }: Container, called: boolean): boolean =>
  // What others call has its address in their settings as `LOCUST_HOST`.
  (env ?? []).some(({ name }) => runSettings.test(name) || (!called && name === 'LOCUST_HOST')) ||
  [...(command ?? []), ...(args ?? [])].some((word) =>
    /(^|[\s;/])(locust|jmeter|k6 run|vegeta|artillery run)(\s|$)/.test(word.slice(0, 4096)),
  );

/** Ports that its http and grpc probes ask; undefined for a name that the container does not declare. */
const askedPorts = ({ readinessProbe, livenessProbe, startupProbe, ports }: Container): (number | undefined)[] =>
  [readinessProbe, livenessProbe, startupProbe].flatMap((probe) => {
    const asked = probe?.httpGet ?? probe?.grpc;
    if (!asked) return [];
    const { port } = asked;
    return [typeof port === 'number' ? port : (ports ?? []).find(({ name }) => name === port)?.containerPort];
  });

const answersHttp = (container: Container): boolean => askedPorts(container).length > 0;
