import type { Evidence } from '../../contract.ts';
import { addressesIn } from '../configuration/address.ts';
import { appContainers } from '../configuration/references.ts';
import type { Setting } from '../configuration/settings.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { type Edge, edgeOf } from '../graph/edges.ts';
import { at } from '../kubernetes/fields.ts';
import { nameOf, type Pod } from '../kubernetes/types.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import { sidecarKind } from '../technologies/sidecars.ts';
import { isTelemetryPort, meansOthers, meansTraces } from '../technologies/telemetry-names.ts';
import { variableOf } from '../technologies/words.ts';
import { collectorConfig, takesAt } from './collector.ts';

type Values = RegExp;
const no: Values = /^(false|0|no|off|disabled?)$/i;
const yes: Values = /^(true|1|yes|on|enabled?)$/i;
const zero: Values = /^0(\.0*)?$/;

/** Settings that switch tracing off, by name and value. */
const offVariables: readonly (readonly [RegExp, Values])[] = [
  [/^OTEL_SDK_DISABLED$|^OTEL_JAVAAGENT_DISABLED$/, yes],
  [/^OTEL_JAVAAGENT_ENABLED$/, no],
  [/^OTEL_TRACES_EXPORTER$/, /^none$/i],
  [/^OTEL_TRACES_SAMPLER$/, /^(always_off|parentbased_always_off)$/i],
  [/^(SPRING_ZIPKIN|SPRING_SLEUTH|MANAGEMENT_TRACING|ZIPKIN|SLEUTH)_ENABLED$/i, no],
  [/^MANAGEMENT_TRACING_SAMPLING_PROBABILITY$|^SPRING_SLEUTH_SAMPLER_PROBABILITY$/i, zero],
  [/^(DD_TRACE_ENABLED|ELASTIC_APM_(ENABLED|ACTIVE|RECORDING)|NEW_RELIC_(ENABLED|DISTRIBUTED_TRACING_ENABLED))$/, no],
  [/^(JAEGER_DISABLED|DISABLE_TRACING|TRACING_DISABLED)$/i, yes],
  [
    /^(ENABLE_TRACING|TRACING_ENABLED|OTEL_ENABLED|ENABLE_OTEL|OPENTELEMETRY_ENABLED|JAEGER_ENABLED|TRACE_ENABLED)$/i,
    no,
  ],
];

/** The same inside a longer value: `JAVA_OPTS`, `NODE_OPTIONS`, arguments. */
const offFlags =
  /(?:^|\s)(-D(?:spring\.(?:zipkin|sleuth)\.enabled|management\.tracing\.enabled|otel\.javaagent\.enabled|zipkin\.enabled)=false|-Dotel\.sdk\.disabled=true|-Dotel\.traces\.exporter=none|--(?:tracing|enable-tracing|tracing-enabled|otel-enabled)=false|--no-tracing|--disable-tracing)(?=\s|$)/i;

const onVariables =
  /^(ENABLE_TRACING|TRACING_ENABLED|OTEL_ENABLED|ENABLE_OTEL|JAEGER_ENABLED|MANAGEMENT_TRACING_ENABLED|DD_TRACE_ENABLED)$/i;

/** Agents that are loaded into the app from outside and make spans: by what loads them. */
const loaded =
  /-javaagent:\S*(opentelemetry|elastic-apm|dd-java-agent|skywalking)\S*|(--require|-r|--import)[ =]\S*(@opentelemetry\/|dd-trace|elastic-apm-node)\S*/i;

/** Variables whose address is where traces go, whatever answers there. */
const traceAddress =
  /^(OTEL_EXPORTER_OTLP_(TRACES_)?ENDPOINT|OTEL_EXPORTER_(ZIPKIN|JAEGER)_\w+|JAEGER_(AGENT_HOST|ENDPOINT|COLLECTOR\w*|HOST|SERVICE_HOST|ADDR\w*|URL)|ZIPKIN\w*|(SPRING|MANAGEMENT)_ZIPKIN_\w+|(DD|INSTANA)_AGENT_HOST|DD_TRACE_AGENT_URL|ELASTIC_APM_SERVER_URLS?|SW_AGENT_COLLECTOR_BACKEND_SERVICES|(OC_?AGENT|OPENCENSUS)\w*|\w*(TRACING|TRACES?|OTLP|OTEL|TEMPO)\w*_(ADDR|ADDRESS|ENDPOINT|URL|HOST|URI))$/i;

/** Ports of a backend that show traces and take none. */
const viewPorts = new Set([16686, 16687, 3200, 3000, 80, 9090, 13133, 8888, 8889]);

export interface TracingSignals {
  off: { what: string; evidence: Evidence }[];
  on: Evidence[];
  /** Addresses that traces are sent to. */
  sent: Edge[];
  /** Configuration to send to whatever runs on its own node. */
  nodeLocal?: Evidence | undefined;
  injection?: { asked: Evidence; done: boolean | undefined };
}

const evidenceOf = (component: Component, setting: Setting, value: string): Evidence => ({
  object: setting.configMap
    ? `ConfigMap ${component.namespace}/${setting.configMap}`
    : component.workloads[0]
      ? workloadName(component.workloads[0])
      : component.key,
  path: setting.path,
  value,
});

export function tracingSignals(component: Component, facts: Facts): TracingSignals {
  const signals: TracingSignals = { off: [], on: [], sent: [] };
  const { settings } = facts.configuration(component);
  const sampler = settings.find(({ name }) => name === 'OTEL_TRACES_SAMPLER');
  const jaeger = settings.find(({ name }) => name === 'JAEGER_SAMPLER_TYPE');
  for (const setting of settings) {
    const { name, value, source } = setting;
    if (source === 'file' || value.length > 8192) continue;
    const shown = `${name}=${value}`;
    const offs = offVariables.some(([pattern, values]) => pattern.test(name) && values.test(value.trim()));
    const ratio =
      name === 'OTEL_TRACES_SAMPLER_ARG' && zero.test(value.trim()) && /traceidratio$/i.test(sampler?.value ?? '');
    const constant =
      name === 'JAEGER_SAMPLER_PARAM' &&
      zero.test(value.trim()) &&
      /^(const|probabilistic)$/i.test(jaeger?.value ?? '');
    const flag = offFlags.exec(value)?.[1];
    if (offs || ratio || constant) signals.off.push({ what: shown, evidence: evidenceOf(component, setting, shown) });
    else if (flag)
      signals.off.push({ what: `${flag}${name ? ` in ${name}` : ''}`, evidence: evidenceOf(component, setting, flag) });
    else if (onVariables.test(name) && yes.test(value.trim())) signals.on.push(evidenceOf(component, setting, shown));
    else if (/^(JAVA_TOOL_OPTIONS|JAVA_OPTS|NODE_OPTIONS|JDK_JAVA_OPTIONS|)$/.test(name)) {
      const agent = loaded.exec(value)?.[0];
      if (agent) signals.on.push(evidenceOf(component, setting, agent.trim()));
    }
    if (/^(OTEL_EXPORTER_OTLP_(TRACES_)?ENDPOINT|DD_AGENT_HOST|JAEGER_AGENT_HOST)$/.test(name) && value.includes('$('))
      signals.nodeLocal = evidenceOf(component, setting, 'an address of its own node');
  }
  signals.nodeLocal ??= ownNode(component);
  for (const edge of facts.edgesFrom(component)) {
    if (sendsTraces(edge, toldAs(edge, settings), facts)) signals.sent.push(edge);
  }
  const injection = injectionOf(component, facts);
  if (!injection) return signals;
  const pod = injection.done ? component.workloads.flatMap(({ pods }) => pods)[0] : undefined;
  if (pod) readInjected(pod, component, facts, signals);
  return { ...signals, injection };
}

/** The host of an agent, given as the address of the node that the pod runs on. */
function ownNode(component: Component): Evidence | undefined {
  for (const workload of component.workloads)
    for (const container of appContainers(workload)) {
      const { env = [] } = container;
      const index = env.findIndex(
        (variable) =>
          /^((DD|INSTANA|JAEGER)_AGENT_HOST|OTEL_EXPORTER_OTLP_(\w+_)?ENDPOINT)$/.test(variable.name) &&
          !meansOthers(variable.name) &&
          at(variable, 'valueFrom', 'fieldRef', 'fieldPath') === 'status.hostIP',
      );
      if (index >= 0)
        return {
          object: workloadName(workload),
          path: `${workload.specPath}.containers[${workload.spec.containers.indexOf(container)}].env[${index}].valueFrom.fieldRef`,
          value: 'status.hostIP',
        };
    }
  return undefined;
}

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
  if (traceAddress.test(variableOf(name)) || (edge.style === 'platform' && isTelemetryPort(edge.port))) return true;
  if (!edge.to || !backend) return false;
  if (takes || meansTraces(name)) return true;
  return edge.port !== undefined && !(role === 'collector' && collectorConfig(edge.to, facts).visible);
}

/** What the operator wrote into a pod, where its template says nothing: only the live pod holds it. */
function readInjected(pod: Pod, component: Component, facts: Facts, signals: TracingSignals): void {
  pod.spec.containers.forEach(({ env = [] }, container) => {
    env.forEach(({ name, value = '' }, index) => {
      const at = { object: nameOf(pod), path: `spec.containers[${container}].env[${index}]` };
      if (offVariables.some(([pattern, values]) => pattern.test(name) && values.test(value.trim())))
        signals.off.push({ what: `${name}=${value}`, evidence: { ...at, value } });
      if (!/^OTEL_EXPORTER_OTLP_(TRACES_)?ENDPOINT$/.test(name)) return;
      if (value.includes('$(')) signals.nodeLocal = { ...at, value: 'an address of its own node' };
      for (const address of addressesIn(value)) {
        const destination = facts.resolve(address.host, address.port, component.namespace);
        const to = 'service' in destination ? facts.componentOf(destination.service) : undefined;
        const edge = edgeOf(
          component,
          { ...address, setting: name, source: 'variable', ...at },
          destination,
          to,
          facts.classOf,
        );
        const known = signals.sent.some(({ host, port }) => host === address.host && port === address.port);
        if (edge && !known) signals.sent.push(edge);
      }
    });
  });
}

const injectKey = /^instrumentation\.opentelemetry\.io\/inject-(java|nodejs|python|dotnet|go|sdk|apache-httpd|nginx)$/;

/** An annotation asks the operator to instrument; only the live pods say whether it did. */
function injectionOf(component: Component, facts: Facts): TracingSignals['injection'] {
  const namespace = facts.list('namespaces').find(({ metadata }) => metadata.name === component.namespace);
  const holders = [
    ...component.workloads.map((workload) => ({
      object: workloadName(workload),
      path: `${workload.metadataPath}.annotations`,
      marks: workload.podAnnotations,
    })),
    {
      object: `Namespace ${component.namespace}`,
      path: 'metadata.annotations',
      marks: namespace?.metadata.annotations ?? {},
    },
  ];
  for (const { object, path, marks } of holders) {
    const asked = Object.entries(marks).find(
      ([key, value]) => injectKey.test(key) && value !== 'false' && value !== '',
    );
    if (!asked) continue;
    const pods = component.workloads.flatMap((workload) => workload.pods);
    const injected = pods.filter(
      ({ spec }) =>
        (spec.initContainers ?? []).some(({ name }) => name.startsWith('opentelemetry-auto-instrumentation')) ||
        (spec.volumes ?? []).some(({ name }) => name.startsWith('opentelemetry-auto-instrumentation')) ||
        spec.containers.some(
          ({ name, env }) =>
            sidecarKind(name) === 'opentelemetry' ||
            (env ?? []).some(
              ({ name }) =>
                name === 'OTEL_NODE_RESOURCE_ATTRIBUTES_POD_NAME' || name === 'OTEL_RESOURCE_ATTRIBUTES_POD_NAME',
            ),
        ),
    );
    return {
      asked: { object, path: `${path}["${asked[0]}"]`, value: asked[1] },
      done: pods.length === 0 ? undefined : injected.length === pods.length,
    };
  }
  return undefined;
}
