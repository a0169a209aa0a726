import type { KubeObject } from '../../sources/snapshot.ts';
import { memoizeByIdentity } from '../memoize.ts';
import { type Fields, fields, items, text, texts } from './fields.ts';
import { isPlaceholder, laterPort } from './placeholders.ts';
import type { Container, KubeService, Pod, PodSpec, ProbeHandler, Resources, Volume } from './types.ts';

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The list itself where nothing in it needs to go: most are as they should be, and thousands of pods share theirs. */
const only = <T>(value: unknown, fits: (item: unknown) => boolean): T[] => {
  const list = items(value);
  return (list.every(fits) ? list : list.filter(fits)) as T[];
};

const objects = <T>(value: unknown): T[] => only(value, isObject);

const withNames = <T>(value: unknown): T[] => only(value, (item) => typeof fields(item)['name'] === 'string');

/** Ports with a number; one that is filled in later has the number of none, so that nobody takes it for absent. */
const ports = <T>(value: unknown, field: 'port' | 'containerPort'): T[] => {
  const numberOf = (item: unknown): unknown => fields(item)[field];
  const isLater = (item: unknown): boolean => {
    const number = numberOf(item);
    return typeof number === 'string' && isPlaceholder(number);
  };
  const list = only<T>(value, (item) => typeof numberOf(item) === 'number' || isLater(item));
  return list.some(isLater) ? list.map((item) => (isLater(item) ? { ...item, [field]: laterPort } : item)) : list;
};

const words = (value: unknown): string[] => {
  const list = items(value);
  return list.every((item) => typeof item === 'string') ? (list as string[]) : list.map(String);
};

const handlers = ['httpGet', 'grpc', 'tcpSocket', 'exec'] as const;

function probe(value: unknown): ProbeHandler | undefined {
  if (!isObject(value)) return undefined;
  const raw = value as Fields;
  const { command } = fields(raw['exec']);
  const isSound = handlers.every((name) => raw[name] === undefined || isObject(raw[name]));
  if (isSound && (raw['exec'] === undefined || (Array.isArray(command) && words(command) === command))) return raw;
  const { exec, httpGet, grpc, tcpSocket, ...rest } = raw;
  return {
    ...rest,
    ...(isObject(httpGet) ? { httpGet } : {}),
    ...(isObject(grpc) ? { grpc } : {}),
    ...(isObject(tcpSocket) ? { tcpSocket } : {}),
    ...(isObject(exec) ? { exec: { command: texts(command) } } : {}),
  };
}

const resources = (value: unknown): Resources => {
  const { requests, limits } = fields(value);
  return { requests: fields(requests), limits: fields(limits) };
};

/** A container whose lists are lists and whose texts are texts, whatever came in. */
function container(value: unknown): Container {
  const raw = fields(value);
  const shaped: Container = {
    name: text(raw['name']) ?? '',
    command: words(raw['command']),
    args: words(raw['args']),
    env: withNames(raw['env']),
    envFrom: objects(raw['envFrom']),
    ports: ports(raw['ports'], 'containerPort'),
    volumeMounts: withNames(raw['volumeMounts']),
  };
  for (const name of ['image', 'restartPolicy'] as const) {
    const given = raw[name];
    if (typeof given === 'string') shaped[name] = given;
  }
  for (const name of ['readinessProbe', 'livenessProbe', 'startupProbe'] as const) {
    const given = probe(raw[name]);
    if (given) shaped[name] = given;
  }
  if (raw['resources'] !== undefined) shaped.resources = resources(raw['resources']);
  if (isObject(raw['lifecycle'])) shaped.lifecycle = raw['lifecycle'];
  return shaped;
}

/** Of lists that pods of a template share: each is shaped once. */
const once = <T>(shape: (list: readonly unknown[]) => T[]): ((value: unknown) => T[]) => {
  const known = memoizeByIdentity(shape);
  return (value) => (Array.isArray(value) && value.length > 0 ? known(value) : []);
};
const containersIn = once((list): Container[] => list.map(container));
const volumesIn = once((list): Volume[] =>
  withNames<Volume>(list).map((volume) => {
    const given = volume.projected?.sources;
    const sources = objects<object>(given);
    return volume.projected && sources !== given ? { ...volume, projected: { sources } } : volume;
  }),
);

export function podSpec(value: unknown): PodSpec {
  const raw = fields(value);
  const { containers, initContainers, volumes, nodeName, hostNetwork, restartPolicy, serviceAccountName } = raw;
  const grace = raw['terminationGracePeriodSeconds'];
  return {
    containers: containersIn(containers),
    initContainers: containersIn(initContainers),
    volumes: volumesIn(volumes),
    ...(typeof nodeName === 'string' ? { nodeName } : {}),
    ...(hostNetwork === true || isPlaceholder(text(hostNetwork) ?? '')
      ? { hostNetwork: hostNetwork as true | string }
      : {}),
    ...(typeof restartPolicy === 'string' ? { restartPolicy } : {}),
    ...(typeof serviceAccountName === 'string' ? { serviceAccountName } : {}),
    ...(typeof grace === 'number' ? { terminationGracePeriodSeconds: grace } : {}),
    ...(raw['resources'] === undefined ? {} : { resources: resources(raw['resources']) }),
  };
}

export function pod(object: KubeObject): Pod {
  const { phase, podIP, conditions } = fields(object['status']);
  return {
    ...object,
    spec: podSpec(object['spec']),
    status: {
      conditions: objects(conditions),
      ...(typeof phase === 'string' ? { phase } : {}),
      ...(typeof podIP === 'string' ? { podIP } : {}),
    },
  };
}

export function service(object: KubeObject): KubeService {
  const raw = fields(object['spec']);
  const selector = Object.entries(fields(raw['selector'])).filter(([, value]) => typeof value === 'string');
  return {
    ...object,
    spec: {
      ...(raw as object),
      selector: Object.fromEntries(selector) as Record<string, string>,
      ports: ports<{ port: number }>(raw['ports'], 'port'),
      externalIPs: texts(raw['externalIPs']),
    },
  };
}
