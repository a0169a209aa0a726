import type { KubeObject } from '../sources/snapshot.ts';
import type { Container, KubeService, Pod, PodSpec } from './kube.ts';
import { at, fields, items, text } from './read.ts';

const withNames = <T>(value: unknown): T[] =>
  items(value).filter((item) => typeof fields(item)['name'] === 'string') as T[];

/** A container whose lists are lists, whatever came in. */
const container = (value: unknown): Container => {
  const raw = fields(value);
  const list = (name: string): unknown[] =>
    items(raw[name]).filter((item) => typeof item === 'object' && item !== null);
  return {
    ...(raw as object),
    name: text(raw['name']) ?? '',
    command: items(raw['command']).map(String),
    args: items(raw['args']).map(String),
    env: withNames(raw['env']),
    envFrom: list('envFrom') as NonNullable<Container['envFrom']>,
    ports: list('ports').filter((port) => typeof at(port, 'containerPort') === 'number') as NonNullable<
      Container['ports']
    >,
    volumeMounts: withNames(raw['volumeMounts']),
  };
};

export const podSpec = (value: unknown): PodSpec => {
  const raw = fields(value);
  return {
    ...(raw as object),
    containers: items(raw['containers']).map(container),
    initContainers: items(raw['initContainers']).map(container),
    volumes: withNames(raw['volumes']),
  };
};

export const pod = (object: KubeObject): Pod => ({ ...object, spec: podSpec(object['spec']) });

export const service = (object: KubeObject): KubeService => {
  const raw = fields(object['spec']);
  const selector = Object.entries(fields(raw['selector'])).filter(([, value]) => typeof value === 'string');
  return {
    ...object,
    spec: {
      ...(raw as object),
      ...(selector.length > 0
        ? { selector: Object.fromEntries(selector) as Record<string, string> }
        : { selector: {} }),
      ports: items(raw['ports']).filter((port) => typeof at(port, 'port') === 'number') as NonNullable<
        KubeService['spec']['ports']
      >,
    },
  };
};
