import type { KubeObject } from '../sources/snapshot.ts';
import type { Container, KubeService, Pod, PodSpec, ProbeHandler } from './kube.ts';
import { at, type Fields, fields, items, text, texts } from './read.ts';

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const objects = <T>(value: unknown): T[] => items(value).filter(isObject) as T[];

const withNames = <T>(value: unknown): T[] =>
  items(value).filter((item) => typeof fields(item)['name'] === 'string') as T[];

function probe(raw: Fields, name: string): Record<string, ProbeHandler> {
  const value = raw[name];
  if (!isObject(value)) return {};
  const { exec, httpGet, grpc, tcpSocket, ...rest } = value as Fields;
  const handler = {
    ...rest,
    ...(isObject(httpGet) ? { httpGet } : {}),
    ...(isObject(grpc) ? { grpc } : {}),
    ...(isObject(tcpSocket) ? { tcpSocket } : {}),
    ...(isObject(exec) ? { exec: { command: texts(at(exec, 'command')) } } : {}),
  };
  return { [name]: handler as ProbeHandler };
}

/** A container whose lists are lists and whose texts are texts, whatever came in. */
function container(value: unknown): Container {
  const raw = fields(value);
  const { name, image, restartPolicy } = raw;
  return {
    name: text(name) ?? '',
    ...(typeof image === 'string' ? { image } : {}),
    ...(typeof restartPolicy === 'string' ? { restartPolicy } : {}),
    command: items(raw['command']).map(String),
    args: items(raw['args']).map(String),
    env: withNames(raw['env']),
    envFrom: objects(raw['envFrom']),
    ports: objects<{ containerPort: number }>(raw['ports']).filter((port) => typeof port.containerPort === 'number'),
    volumeMounts: withNames(raw['volumeMounts']),
    ...probe(raw, 'readinessProbe'),
    ...probe(raw, 'livenessProbe'),
    ...probe(raw, 'startupProbe'),
  };
}

export function podSpec(value: unknown): PodSpec {
  const { containers, initContainers, volumes, nodeName, hostNetwork } = fields(value);
  return {
    containers: items(containers).map(container),
    initContainers: items(initContainers).map(container),
    volumes: withNames<NonNullable<PodSpec['volumes']>[number]>(volumes).map((volume) => ({
      ...volume,
      ...(volume.projected ? { projected: { sources: objects(volume.projected.sources) } } : {}),
    })),
    ...(typeof nodeName === 'string' ? { nodeName } : {}),
    ...(hostNetwork === true ? { hostNetwork } : {}),
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
      ports: objects<{ port: number }>(raw['ports']).filter(({ port }) => typeof port === 'number'),
      externalIPs: texts(raw['externalIPs']),
    },
  };
}
