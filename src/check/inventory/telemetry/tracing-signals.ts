import type { Evidence } from '../../contract.ts';
import { addressesIn } from '../configuration/address.ts';
import type { Setting } from '../configuration/settings.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { type Edge, edgeOf } from '../graph/edges.ts';
import { nameOf, type Pod } from '../kubernetes/types.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';
import { sidecarKind } from '../technologies/sidecars.ts';
import { isTelemetryPort, meansOthers, meansTraces, namesTraceAddress } from '../technologies/telemetry-names.ts';
import { variableOf } from '../technologies/words.ts';
import { containersBeside, pathsOfTelemetry, standsIn } from './beside.ts';
import { collectorConfig, takesAt } from './collector.ts';
import { switchesInFile } from './file-switches.ts';
import { type LocalAddress, localAddresses } from './local-addresses.ts';
import { type Injection, injectionsOf } from './tracing-injection.ts';
import {
  isUnused,
  isWholeKit,
  type Maker,
  makerOf,
  type Switch,
  silences,
  type TracingSwitches,
  tracingSwitches,
} from './tracing-switches.ts';

const general = 'OTEL_EXPORTER_OTLP_ENDPOINT';

/** Ports of a backend that show traces and take none. */
const viewPorts = new Set([16686, 16687, 3200, 3000, 80, 9090, 13133, 8888, 8889]);

/** An address that traces are sent to, and whose library reads it. */
export type Sent = { maker: Maker; setting: string } & ({ edge: Edge } | { local: LocalAddress });

/** Everything in a component's settings and pods that speaks of traces. */
export interface TracingSignals extends TracingSwitches {
  /** All that it is told, and of those what OTEL_TRACES_EXPORTER does not leave out. */
  told: Sent[];
  sent: Sent[];
  injections: Injection[];
  /** Switches in mounted files, which a variable or an argument of that name does not overrule. */
  maybeOff: Switch[];
}

const evidenceIn =
  (component: Component) =>
  (setting: Setting, value: string): Evidence => ({
    object: setting.configMap
      ? `ConfigMap ${component.namespace}/${setting.configMap}`
      : component.workloads[0]
        ? workloadName(component.workloads[0])
        : component.key,
    path: setting.path,
    value,
  });

const signalsOf = perRun(() => new Map<Component, TracingSignals>());

export function tracingSignals(component: Component, facts: Facts): TracingSignals {
  const known = signalsOf(facts);
  const signals = known.get(component) ?? readSignals(component, facts);
  known.set(component, signals);
  return signals;
}

function readSignals(component: Component, facts: Facts): TracingSignals {
  const beside = pathsOfTelemetry(component, facts);
  const injections = injectionsOf(component, facts);
  const pod = injectedPod(component, injections);
  const injected = pod ? injectedSettings(component, pod) : [];
  const settings = [
    ...facts.configuration(component).settings.filter((setting) => !standsIn(beside, setting)),
    ...injected.map(({ setting }) => setting),
  ];
  const objectOf = new Map(injected.map(({ setting, pod }) => [setting, nameOf(pod)]));
  const evidenceOf = (setting: Setting, value: string): Evidence => ({
    ...evidenceIn(component)(setting, value),
    ...(objectOf.has(setting) ? { object: objectOf.get(setting) ?? '' } : {}),
  });
  const switches = tracingSwitches(settings, evidenceOf);
  const edges = facts
    .edgesFrom(component)
    .filter((edge) => !standsIn(beside, { path: edge.evidence.path ?? '', given: edge.given }));
  const all: Sent[] = [];
  for (const edge of [...edges, ...injectedEdges(component, facts, injected)]) {
    const name = toldAs(edge, settings);
    const known = all.some((sent) => 'edge' in sent && isSame(sent.edge, edge));
    if (sendsTraces(edge, name, facts) && !(known && edge.evidence.object.startsWith('Pod ')))
      all.push({ edge, setting: name, maker: makerOf(name) });
  }
  for (const local of localAddresses(component, settings, pod, evidenceOf))
    all.push({ local, setting: local.setting, maker: makerOf(local.setting) });
  const overruled = overruledBy(settings);
  const told = all.filter((each) => each.setting !== general || !overruled(each));
  if (told.length === 0) told.push(...byDefault(component, switches));
  const sent = told.filter(({ setting }) => !isUnused(setting, switches.exporters));
  return { ...switches, told, sent, injections, maybeOff: switchesInFiles(settings, evidenceOf) };
}

/** The container that a path is in; all are one where its address stands in a ConfigMap. */
const containerIn = (path: string): string => /^.*?containers\[\d+\]/i.exec(path)?.[0] ?? '';

/**
 * The address for traces alone is taken before the one for all signals
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp).
 */
function overruledBy(settings: readonly Setting[]): (sent: Sent) => boolean {
  const own = settings.filter(
    ({ name, value, source }) =>
      source === 'variable' && name === 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' && value.trim() !== '',
  );
  const places = own.map(({ path, given }) => containerIn(given ?? path));
  return (sent) => {
    const { path = '' } = 'edge' in sent ? (sent.edge.given ?? sent.edge.evidence) : sent.local.evidence;
    return places.some((place) => place !== '' && place === containerIn(path));
  };
}

function switchesInFiles(
  settings: readonly Setting[],
  evidenceOf: (setting: Setting, value: string) => Evidence,
): Switch[] {
  const files = settings.filter(({ source }) => source === 'file');
  if (files.length === 0) return [];
  const variables = settings.filter(({ source }) => source === 'variable').map(({ name }) => `_${variableOf(name)}`);
  return files.flatMap((file) =>
    switchesInFile(file.value)
      .filter(({ name }) => !variables.some((variable) => variable.endsWith(`_${name}`)))
      .map(({ maker, name, value }) => {
        const what = `${name}=${value}`;
        return { maker, what, evidence: evidenceOf(file, what) };
      }),
  );
}

/** Where OpenTelemetry's kit sends to by itself, where a collector of the pod may listen. */
function byDefault(component: Component, { on, exporters }: TracingSwitches): Sent[] {
  const kit = on.find(({ maker }) => maker === 'opentelemetry');
  const evidence = exporters?.names.includes('otlp') ? exporters.evidence : kit?.evidence;
  if (!evidence || !containersBeside(component).some(({ role }) => role === 'collector')) return [];
  const setting = general;
  return [{ maker: 'opentelemetry', setting, local: { scope: 'pod', setting, evidence } }];
}

/**
 * Addresses of exporters that are switched off: nobody uses them. One that metrics or logs go to as well is used, unless
 * all of the kit is off.
 */
export function silentAddresses(component: Component, facts: Facts): ReadonlySet<Edge> {
  const beside = pathsOfTelemetry(component, facts);
  const settings = facts.configuration(component).settings.filter((setting) => !standsIn(beside, setting));
  const { off, on, exporters } = tracingSwitches(settings, evidenceIn(component));
  if (off.length === 0 && !exporters) return new Set();
  const loads = on.map(({ maker }) => maker);
  const isSilent = (name: string): boolean => {
    const maker = makerOf(name);
    if (maker === 'datadog' || maker === 'instana') return false;
    if (maker === 'opentelemetry' && off.some(isWholeKit)) return true;
    return meansTraces(name) && (isUnused(name, exporters) || off.some((each) => silences(each.maker, maker, loads)));
  };
  return new Set(facts.edgesFrom(component).filter((edge) => isSilent(toldAs(edge, settings))));
}

const isSame = (a: Edge, b: Edge): boolean => a.host === b.host && a.port === b.port;

/** What the value is called: the setting, or the flag before the address in arguments and options. */
function toldAs({ setting, host, evidence }: Edge, settings: readonly Setting[]): string {
  // The name of a file says nothing about each address in it.
  if (/\.(ya?ml|json|xml|properties|conf|config|cfg|toml|ini|env)$/i.test(setting)) return '';
  if (setting !== '' && !/(OPTS|OPTIONS|ARGS)$/.test(setting)) return setting;
  const index = settings.findIndex(({ name, path }) => name === setting && path === evidence.path);
  const value = settings[index]?.value.slice(0, 8192).toLowerCase() ?? '';
  const before = value.slice(0, Math.max(0, value.indexOf(host))).slice(-200);
  const flag = /(?:^|\s)-{0,2}([\w.-]+)[=\s]\S{0,40}$/.exec(before)?.[1];
  const previous = settings[index - 1];
  const beside = setting === '' && previous?.source === 'argument' && /^--?[\w.-]+$/.test(previous.value);
  return flag ?? (beside ? previous.value : setting);
}

/** Not every address of a collector or backend is one for traces: by what it is called, and what its port takes. */
function sendsTraces(edge: Edge, name: string, facts: Facts): boolean {
  if (meansOthers(name)) return false;
  const role = edge.to && facts.classOf(edge.to).role;
  const takes = role === 'collector' ? takesAt(edge, 'traces', facts) : undefined;
  const backend = role === 'tracing' || role === 'collector';
  if (backend && !takes && edge.port !== undefined && viewPorts.has(edge.port)) return false;
  if (namesTraceAddress(variableOf(name)) || (edge.style === 'platform' && isTelemetryPort(edge.port))) return true;
  if (!edge.to || !backend) return false;
  if (takes || meansTraces(name)) return true;
  return edge.port !== undefined && !(role === 'collector' && collectorConfig(edge.to, facts).visible);
}

/** A pod that an injector wrote into: only the live pod holds what its template does not say. */
function injectedPod(component: Component, injections: readonly Injection[]): Pod | undefined {
  const asked = component.workloads.some(({ podLabels }) => podLabels['admission.datadoghq.com/enabled'] === 'true');
  return asked || injections.some(({ done }) => done) ? component.workloads.flatMap(({ pods }) => pods)[0] : undefined;
}

/** What the app's own containers are given there, and in no template. */
function injectedSettings(component: Component, pod: Pod): { setting: Setting; pod: Pod }[] {
  const given = new Set(
    component.workloads.flatMap(({ spec }) =>
      spec.containers.flatMap(({ name, env = [] }) => env.map((variable) => `${name} ${variable.name}`)),
    ),
  );
  return pod.spec.containers.flatMap((container, at) =>
    (container.env ?? []).flatMap(({ name, value }, index) => {
      if (value === undefined || sidecarKind(container.name) || given.has(`${container.name} ${name}`)) return [];
      const path = `spec.containers[${at}].env[${index}]`;
      return [{ pod, setting: { name, value, source: 'variable' as const, path } }];
    }),
  );
}

function injectedEdges(
  component: Component,
  facts: Facts,
  injected: readonly { setting: Setting; pod: Pod }[],
): Edge[] {
  return injected.flatMap(({ setting, pod }) =>
    !namesTraceAddress(variableOf(setting.name))
      ? []
      : addressesIn(setting.value).flatMap((address) => {
          const destination = facts.resolve(address.host, address.port, component.namespace);
          const to = 'service' in destination ? facts.componentOf(destination.service) : undefined;
          const reference = { ...address, setting: setting.name, source: setting.source };
          const where = { object: nameOf(pod), path: setting.path };
          return edgeOf(component, { ...reference, ...where }, destination, to, facts.classOf) ?? [];
        }),
  );
}
