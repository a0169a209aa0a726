import { addressesIn } from '../configuration/address.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import type { Edge } from '../graph/edges.ts';
import { at, fields, texts } from '../kubernetes/fields.ts';
import type { KubeService } from '../kubernetes/types.ts';
import { readAlloy } from './alloy.ts';
import type { ContainerBeside } from './beside.ts';
import { type Document, documentsBeside, documentsOf } from './collector-documents.ts';
import type { CollectorConfig, Exporter, Pipeline, Signal } from './pipelines.ts';

const debugOnly = /^(debug|logging|nop|file)(\/|$)/;

const caches = new WeakMap<Component, CollectorConfig>();

/** What a collector does with what it gets, from its ConfigMap, its arguments or its custom resource. */
export function collectorConfig(component: Component, facts: Facts): CollectorConfig {
  const known = caches.get(component);
  if (known) return known;
  const config = configOf(documentsOf(component, facts), component.namespace, facts);
  caches.set(component, config);
  return config;
}

/** The same of a collector that stands in somebody's pod. */
export const configBeside = (beside: ContainerBeside, facts: Facts): CollectorConfig =>
  configOf(documentsBeside(beside, facts), beside.namespace, facts);

function configOf(documents: Iterable<Document>, namespace: string, facts: Facts): CollectorConfig {
  const config: CollectorConfig = {
    visible: false,
    whole: true,
    ports: new Map(),
    withinPod: new Map(),
    pipelines: { traces: [], logs: [] },
    podsAsked: [],
  };
  for (const { document, object, path, variables } of documents) {
    if (typeof document === 'string') {
      const resolve = (host: string, port: number | undefined) => leadsToHost(host, port, namespace, facts);
      readAlloy(document, { object, path, namespace, variables, resolve }, config);
      continue;
    }
    const pipelines = fields(at(document, 'service', 'pipelines'));
    if (Object.keys(pipelines).length === 0) continue;
    config.visible = true;
    const connectors = new Set(Object.keys(fields(at(document, 'connectors'))));
    for (const [name, settings] of Object.entries(fields(at(document, 'receivers')))) {
      config.ports.set(name, receiverPorts(name, settings));
      config.withinPod.set(name, loopbackPorts(settings));
    }
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
            ...leadsTo(exporter, at(document, 'exporters', exporter), namespace, facts),
          })),
      });
    }
  }
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

/** Ports that a receiver opens for its own pod alone: an endpoint that says so, whatever the version's default is. */
function loopbackPorts(settings: unknown): number[] {
  const endpoints = [settings, ...Object.values(fields(at(settings, 'protocols')))].map((own) => at(own, 'endpoint'));
  return endpoints.flatMap((endpoint) => {
    const port = /^(?:localhost|127(?:\.\d+){3}|\[::1\]):(\d{1,5})$/.exec(String(endpoint))?.[1];
    return port ? [Number(port)] : [];
  });
}

/** The port of the pod that an edge ends at; undefined where the address or the Service does not say. */
function podPort({ service, port, to, evidence }: Edge): number | undefined {
  const ports = service?.spec.ports ?? [];
  const only = ports.length === 1 && !evidence.value?.includes('://') ? ports[0]?.port : undefined;
  return portBehind(service, port ?? only, to);
}

function portBehind(service: KubeService | undefined, asked: number | undefined, to: Component | undefined) {
  const ports = service?.spec.ports ?? [];
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
export const takesAt = (edge: Edge, signal: Signal, facts: Facts): boolean | undefined =>
  edge.to ? takesFrom(podPort(edge), signal, collectorConfig(edge.to, facts)) : undefined;

/** From other pods: what listens on its loopback takes nothing from them. */
const takesFrom = (port: number | undefined, signal: Signal, config: CollectorConfig): boolean | undefined =>
  takesOn(port, signal, {
    ...config,
    ports: new Map(
      [...config.ports].map(([name, ports]) => [
        name,
        ports?.filter((own) => !config.withinPod.get(name)?.includes(own)),
      ]),
    ),
  });

/** The same of a port of its pod, asked from within. */
export function takesOn(
  port: number | undefined,
  signal: Signal,
  { visible, pipelines, ports }: CollectorConfig,
): boolean | undefined {
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

function leadsTo(name: string, settings: unknown, namespace: string, facts: Facts): Omit<Exporter, 'name'> {
  if (debugOnly.test(name)) return { leads: 'debug' };
  const addresses = [...valuesOf(settings)].flatMap((value) => addressesIn(value));
  const [address] = addresses;
  // Exporters of a vendor know where to go by themselves.
  if (!address) return { leads: 'somewhere' };
  const { host, port } = address;
  const destination = facts.resolve(host, port, namespace);
  return {
    leads: leadsToHost(host, port, namespace, facts),
    host,
    ...(port === undefined ? {} : { port }),
    ...('service' in destination ? { service: destination.service } : {}),
  };
}

function leadsToHost(
  host: string,
  port: number | undefined,
  namespace: string,
  facts: Facts,
): 'nowhere' | 'unread' | 'somewhere' {
  const { kind } = facts.resolve(host, port, namespace);
  return kind === 'absent' || kind === 'no-port' ? 'nowhere' : kind === 'unread' ? 'unread' : 'somewhere';
}

export const exportersOf = (config: CollectorConfig, signal: Signal): Pipeline['exporters'] =>
  config.pipelines[signal].flatMap(({ exporters }) => exporters);

/** The same, with those that lead to another collector as that one ends: what it drops or prints has arrived nowhere. */
export function followedExporters(
  config: CollectorConfig,
  signal: Signal,
  facts: Facts,
  passed: readonly Component[] = [],
): Exporter[] {
  return exportersOf(config, signal).map((exporter) => {
    const to = exporter.leads === 'somewhere' && exporter.service ? facts.componentOf(exporter.service) : undefined;
    if (!to || passed.includes(to) || facts.classOf(to).role !== 'collector') return exporter;
    const next = collectorConfig(to, facts);
    if (!next.visible && !facts.ledger.complete('configmaps', to.namespace)) return { ...exporter, leads: 'unread' };
    if (!next.visible || !next.whole) return exporter;
    if (next.pipelines[signal].length === 0)
      return { ...exporter, leads: 'nowhere', there: `which has no pipeline for ${signal}` };
    if (takesFrom(portBehind(exporter.service, exporter.port, to), signal, next) === false)
      return { ...exporter, leads: 'nowhere', there: `where no receiver of a pipeline for ${signal} listens` };
    const ends = followedExporters(next, signal, facts, [...passed, to]);
    if (ends.every(({ leads }) => leads === 'debug'))
      return { ...exporter, leads: 'debug', there: 'which only prints them' };
    return ends.every(({ leads }) => leads === 'debug' || leads === 'nowhere')
      ? { ...exporter, leads: 'nowhere', there: 'which passes them to nothing that exists' }
      : exporter;
  });
}

/** Name of a collector's exporter as evidence. */
export const exporterText = (exporters: Pipeline['exporters']): string =>
  exporters.map(({ name }) => name).join(', ') || 'none';
