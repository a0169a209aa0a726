import { parse } from 'yaml';
import { addressesIn } from '../configuration/address.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import type { Edge } from '../graph/edges.ts';
import { at, fields, texts } from '../kubernetes/fields.ts';
import { nameOf } from '../kubernetes/types.ts';

export type Signal = 'traces' | 'logs';

/** Where one pipeline of a collector ends. */
export interface Pipeline {
  exporters: { name: string; leads: 'somewhere' | 'nowhere' | 'debug' | 'unread'; host?: string }[];
  receivers: string[];
  object: string;
  path: string;
}

export interface CollectorConfig {
  /** False where its configuration is not visible: it is in the image, in a Secret, or cannot be understood. */
  visible: boolean;
  /** Ports on which a receiver listens; undefined where its configuration does not say. */
  ports: Map<string, readonly number[] | undefined>;
  pipelines: Record<Signal, Pipeline[]>;
}

const debugOnly = /^(debug|logging|nop|file)(\/|$)/;
const placeholder = /\{\{[^{}\n]{0,200}\}\}|\$\{[^{}\n]{0,200}\}/g;

const caches = new WeakMap<Component, CollectorConfig>();

/** What a collector does with what it gets, from its ConfigMap, its arguments or its custom resource. */
export function collectorConfig(component: Component, facts: Facts): CollectorConfig {
  const known = caches.get(component);
  if (known) return known;
  const config: CollectorConfig = { visible: false, ports: new Map(), pipelines: { traces: [], logs: [] } };
  for (const { document, object, path } of documents(component, facts)) {
    const pipelines = fields(at(document, 'service', 'pipelines'));
    if (Object.keys(pipelines).length === 0) continue;
    config.visible = true;
    const connectors = new Set(Object.keys(fields(at(document, 'connectors'))));
    for (const [name, settings] of Object.entries(fields(at(document, 'receivers'))))
      config.ports.set(name, receiverPorts(name, settings));
    for (const [name, pipeline] of Object.entries(pipelines)) {
      const signal = name.split('/')[0];
      if (signal !== 'traces' && signal !== 'logs') continue;
      config.pipelines[signal].push({
        object,
        path: `${path} service.pipelines.${name}`,
        receivers: texts(at(pipeline, 'receivers')).filter((receiver) => !connectors.has(receiver)),
        exporters: texts(at(pipeline, 'exporters'))
          .filter((exporter) => !connectors.has(exporter))
          .map((exporter) => ({
            name: exporter,
            ...leadsTo(exporter, at(document, 'exporters', exporter), component.namespace, facts),
          })),
      });
    }
  }
  caches.set(component, config);
  return config;
}

/** Ports of receivers that name none, by protocol where they have several. */
const defaultPorts: Readonly<Record<string, number | Readonly<Record<string, number>>>> = {
  otlp: { grpc: 4317, http: 4318 },
  jaeger: { grpc: 14250, thrift_http: 14268, thrift_compact: 6831, thrift_binary: 6832 },
  skywalking: { grpc: 11800, http: 12800 },
  zipkin: 9411,
  opencensus: 55678,
  datadog: 8126,
  statsd: 8125,
};

function receiverPorts(name: string, settings: unknown): readonly number[] | undefined {
  const type = name.split('/')[0] ?? '';
  const known = Object.hasOwn(defaultPorts, type) ? defaultPorts[type] : undefined;
  const portIn = (endpoint: unknown, otherwise: number | undefined): number | undefined =>
    endpoint === undefined ? otherwise : Number(/:(\d{1,5})$/.exec(String(endpoint))?.[1] ?? Number.NaN);
  const protocols = Object.entries(fields(at(settings, 'protocols')));
  const ports =
    protocols.length > 0
      ? protocols.map(([protocol, own]) =>
          portIn(at(own, 'endpoint'), typeof known === 'object' ? known[protocol] : undefined),
        )
      : [portIn(at(settings, 'endpoint'), typeof known === 'number' ? known : undefined)];
  return ports.every((port): port is number => port !== undefined && port > 0) ? ports : undefined;
}

/** The port of the pod that an edge ends at; undefined where the address or the Service does not say. */
function podPort({ service, port, to, evidence }: Edge): number | undefined {
  const ports = service?.spec.ports ?? [];
  const only = ports.length === 1 && !evidence.value?.includes('://') ? ports[0]?.port : undefined;
  const asked = port ?? only;
  if (!service || service.spec.type === 'ExternalName' || asked === undefined) return undefined;
  // A headless name leads to the pods themselves.
  if (service.spec.clusterIP === 'None') return asked;
  const target = ports.find((each) => each.port === asked)?.targetPort ?? asked;
  if (typeof target === 'number') return target;
  return to?.workloads
    .flatMap(({ spec }) => spec.containers)
    .flatMap((container) => container.ports ?? [])
    .find(({ name }) => name === target)?.containerPort;
}

/** Whether the address of a collector is one at which its pipelines take a signal; undefined where nobody can tell. */
export function takesAt(edge: Edge, signal: Signal, facts: Facts): boolean | undefined {
  if (!edge.to) return undefined;
  const { visible, pipelines, ports } = collectorConfig(edge.to, facts);
  const port = podPort(edge);
  if (!visible || port === undefined) return undefined;
  const listening = pipelines[signal].flatMap(({ receivers }) => receivers).map((receiver) => ports.get(receiver));
  if (listening.some((own) => own?.includes(port))) return true;
  return listening.includes(undefined) ? undefined : false;
}

/** Fields that say where an exporter sends to; some exporters hold them a level or two deeper (`http.endpoint`). */
const addressField = /^(traces_|logs_)?(endpoints?|url|brokers|hosts?|address)$/;

function* valuesOf(settings: unknown, depth = 0): Generator<string> {
  if (depth > 3) return;
  for (const [key, value] of Object.entries(fields(settings))) {
    if (addressField.test(key)) yield* typeof value === 'string' ? [value] : texts(value);
    yield* valuesOf(value, depth + 1);
  }
}

function leadsTo(
  name: string,
  settings: unknown,
  namespace: string,
  facts: Facts,
): { leads: Pipeline['exporters'][number]['leads']; host?: string } {
  if (debugOnly.test(name)) return { leads: 'debug' };
  const addresses = [...valuesOf(settings)].flatMap((value) => addressesIn(value));
  const [address] = addresses;
  // Exporters of a vendor know where to go by themselves.
  if (!address) return { leads: 'somewhere' };
  const destination = facts.resolve(address.host, address.port, namespace);
  const gone = destination.kind === 'absent' || destination.kind === 'no-port';
  return {
    leads: gone ? 'nowhere' : destination.kind === 'unread' ? 'unread' : 'somewhere',
    host: address.host,
  };
}

function* documents(
  component: Component,
  facts: Facts,
): Generator<{ document: unknown; object: string; path: string }> {
  for (const resource of facts.list('opentelemetrycollectors.opentelemetry.io')) {
    if (resource.metadata.namespace !== component.namespace) continue;
    const names = [component.name, ...component.workloads.map(({ name }) => name)];
    if (!names.includes(`${resource.metadata.name}-collector`)) continue;
    const config = at(resource, 'spec', 'config');
    const object = `OpenTelemetryCollector ${component.namespace}/${resource.metadata.name}`;
    // v1alpha1 holds it as text, v1beta1 as an object.
    const document = typeof config === 'string' ? understood(config) : config;
    if (document !== undefined) yield { document, object, path: 'spec.config' };
  }
  // An init container may fill the configuration in: every ConfigMap of the pod counts, whoever mounts it.
  const mounted = new Set(
    component.workloads.flatMap(({ spec }) =>
      (spec.volumes ?? []).flatMap(({ configMap, projected }) => [
        configMap?.name,
        ...(projected?.sources ?? []).map((source) => source.configMap?.name),
      ]),
    ),
  );
  for (const map of facts.list('configmaps')) {
    if (map.metadata.namespace !== component.namespace || !mounted.has(map.metadata.name)) continue;
    for (const [key, value] of Object.entries(fields(map.data))) {
      const document = typeof value === 'string' && value.includes('pipelines') ? understood(value) : undefined;
      if (document !== undefined) yield { document, object: nameOf(map), path: `data.${key}` };
    }
  }
  for (const setting of facts.configuration(component).settings) {
    if (setting.source === 'file' || !setting.value.includes('pipelines')) continue;
    const document = understood(setting.value);
    const holder = setting.configMap ? `ConfigMap ${component.namespace}/${setting.configMap}` : component.key;
    if (document !== undefined) yield { document, object: holder, path: setting.path };
  }
}

function understood(source: string): unknown {
  if (source.length > 512 * 1024) return undefined;
  try {
    // Templates are filled by an init container or a chart: what stands in the gap does not matter here.
    return parse(source.replace(/^yaml:/, '').replace(placeholder, 'placeholder'), {
      maxAliasCount: 50,
      logLevel: 'silent',
      uniqueKeys: false,
    });
  } catch {
    return undefined;
  }
}

export const exportersOf = (config: CollectorConfig, signal: Signal): Pipeline['exporters'] =>
  config.pipelines[signal].flatMap(({ exporters }) => exporters);

/** Name of a collector's exporter as evidence. */
export const exporterText = (exporters: Pipeline['exporters']): string =>
  exporters.map(({ name }) => name).join(', ') || 'none';
