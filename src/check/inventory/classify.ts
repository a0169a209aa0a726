import type { Container } from './kube.ts';
import type { Party } from './parties.ts';
import { appContainers } from './references.ts';
import { isSystemNamespace } from './system-namespaces.ts';
import { type Role, roleOfImage, wellKnownPorts } from './technologies.ts';

export type PartyClass = 'application' | 'store' | 'broker' | 'platform' | 'job' | 'load' | 'nothing';

export interface Classification {
  class: PartyClass;
  /** Set for what the platform is made of. */
  role?: Role;
  /** Why: what the list of things not judged says. */
  because: string;
  /** False where only the lack of other signs says "application". */
  certain: boolean;
}

/** The container that is the service: the one behind the Service's first port, else the one named like it, else the first. */
export function mainContainer(party: Party): Container | undefined {
  const containers = party.workloads.flatMap(appContainers);
  const target = party.service?.spec.ports?.[0];
  const wanted = target?.targetPort ?? target?.port;
  return (
    containers.find(({ ports }) =>
      (ports ?? []).some(({ name, containerPort }) => containerPort === wanted || name === wanted),
    ) ??
    containers.find(({ name }) => name === party.name || party.workloads.some((workload) => workload.name === name)) ??
    containers[0]
  );
}

/** Pods that a release makes for a moment: a test, a step before or after it. */
const hooks = ['helm.sh/hook', 'argocd.argoproj.io/hook'];

/** Classes that show in the objects themselves. What callers say about it comes later, in `facts.ts`. */
export function classify(party: Party, named: ReadonlySet<string>): Classification {
  const kinds = new Set(party.workloads.map(({ kind }) => kind));
  if (party.workloads.length > 0 && [...kinds].every((kind) => /Job$|^Workflow$|Run$/.test(kind)))
    return { class: 'job', because: 'runs to an end: a job, not a service', certain: true };
  const hook = party.workloads.every(
    ({ kind, annotations }) => kind === 'Pod' && hooks.some((key) => key in annotations),
  );
  if (party.workloads.length > 0 && hook)
    return { class: 'job', because: 'runs to an end: a hook of its release, not a service', certain: true };
  const container = mainContainer(party);
  const role = roleOfImage(container?.image);
  if (isSystemNamespace(party.namespace) && !named.has(party.namespace))
    return { class: 'platform', ...(role ? { role } : {}), because: 'lives in a system namespace', certain: true };
  if (role === 'store' || role === 'broker')
    return { class: role, because: `image ${container?.image}`, certain: true };
  if (role === 'load' || (container && playsUsers(container)))
    return {
      class: 'load',
      because: `a load generator, by its ${role === 'load' ? 'image' : 'settings'}`,
      certain: true,
    };
  if (role) return { class: 'platform', role, because: `part of the platform (${role}), by its image`, certain: true };
  if (kinds.size === 1 && kinds.has('DaemonSet') && party.workloads.every(watchesNode))
    return {
      class: 'platform',
      ...(role ? { role } : {}),
      because: 'an agent of the nodes: it mounts what belongs to them',
      certain: true,
    };
  const port = party.service?.spec.ports?.[0];
  const numbers = [
    port?.port,
    typeof port?.targetPort === 'number' ? port.targetPort : undefined,
    container?.ports?.[0]?.containerPort,
  ];
  const meaning = numbers
    .map((number) => (number === undefined ? undefined : wellKnownPorts.get(number)))
    .find(Boolean);
  if (meaning && container && !answersHttp(container))
    return { class: meaning.role, because: `listens where ${meaning.protocol} does`, certain: true };
  return {
    class: 'application',
    because: 'no sign of anything else',
    certain: container !== undefined && answersHttp(container),
  };
}

const watchesNode = ({ spec }: Party['workloads'][number]): boolean =>
  (spec.volumes ?? []).some(({ hostPath }) => /^\/(var\/(log|lib\/docker)|proc|sys|$)/.test(hostPath?.path ?? '-'));

/** A known tool, by the settings only it has or the program that is started. */
const playsUsers = ({ env, command, args }: Container): boolean =>
  (env ?? []).some(({ name }) => /^(LOCUST|K6|JMETER)_/.test(name)) ||
  [...(command ?? []), ...(args ?? [])].some((word) =>
    /(^|[\s;/])(locust|jmeter|k6 run|vegeta|artillery run)(\s|$)/.test(word.slice(0, 4096)),
  );

const answersHttp = ({ readinessProbe, livenessProbe, startupProbe }: Container): boolean =>
  [readinessProbe, livenessProbe, startupProbe].some((probe) => probe?.httpGet || probe?.grpc);
