import type { Evidence } from '../../contract.ts';
import type { Setting } from '../configuration/settings.ts';
import { memoize } from '../memoize.ts';
import { variableOf } from '../technologies/words.ts';

/** Whose tracing a switch or an address is about; `any`: the app's own words, which mean all it has. */
export type Maker =
  | 'any'
  | 'opentelemetry'
  | 'spring'
  | 'zipkin'
  | 'jaeger'
  | 'datadog'
  | 'elastic'
  | 'newrelic'
  | 'instana'
  | 'skywalking'
  | 'appdynamics'
  | 'azure';

/** Something that switches tracing, as it was read. */
export interface Switch {
  maker: Maker;
  what: string;
  evidence: Evidence;
}

const no = /^(false|0|no|off|disabled?)$/i;
const yes = /^(true|1|yes|on|enabled?)$/i;
/** OpenTelemetry takes every other word for false. */
const onlyTrue = /^true$/i;
const zero = /^0(\.0*)?$/;

type Row = readonly [maker: Maker, name: RegExp, values: RegExp];

/** Settings that switch tracing off, by name and value; a row a switch of one maker. */
const offRows: readonly Row[] = [
  ['opentelemetry', /^(QUARKUS_)?OTEL_SDK_DISABLED$/, onlyTrue],
  ['opentelemetry', /^OTEL_JAVAAGENT_DISABLED$/, yes],
  [
    'opentelemetry',
    /^OTEL_(JAVAAGENT_ENABLED|PHP_AUTOLOAD_ENABLED|DOTNET_AUTO_TRACES_ENABLED|DOTNET_AUTO_TRACES_INSTRUMENTATION_ENABLED)$/,
    no,
  ],
  ['opentelemetry', /^QUARKUS_OTEL_(ENABLED|TRACES_ENABLED)$/, no],
  ['opentelemetry', /^(QUARKUS_)?OTEL_TRACES_EXPORTER$/, /^none$/i],
  ['opentelemetry', /^(QUARKUS_)?OTEL_TRACES_SAMPLER$/, /^always_off$/i],
  ['spring', /^MANAGEMENT_TRACING_(EXPORT_)?ENABLED$/, no],
  ['spring', /^SPRING_SLEUTH_ENABLED$|^SLEUTH_ENABLED$/, no],
  ['zipkin', /^(SPRING_ZIPKIN|ZIPKIN|MANAGEMENT_ZIPKIN_TRACING_EXPORT|MANAGEMENT_TRACING_EXPORT_ZIPKIN)_ENABLED$/, no],
  ['spring', /^MANAGEMENT_(OTLP_TRACING_EXPORT|TRACING_EXPORT_OTLP)_ENABLED$/, no],
  ['datadog', /^DD_(TRACE|TRACING|APM_TRACING)_ENABLED$/, no],
  ['elastic', /^ELASTIC_APM_(ENABLED|ACTIVE|RECORDING|INSTRUMENT)$/, no],
  ['elastic', /^ELASTIC_APM_DISABLE_SEND$/, yes],
  ['newrelic', /^NEW_RELIC_(ENABLED|AGENT_ENABLED|MONITOR_MODE|DISTRIBUTED_TRACING_ENABLED)$/, no],
  ['instana', /^INSTANA_(DISABLE|TRACING_DISABLE|DISABLE_TRACING)$/, yes],
  ['jaeger', /^JAEGER_DISABLED$/, yes],
  ['jaeger', /^(QUARKUS_)?JAEGER_ENABLED$/, no],
  ['any', /^(DISABLE_TRACING|TRACING_DISABLED)$/, yes],
  ['any', /^(ENABLE_TRACING|TRACING_ENABLED|OTEL_ENABLED|ENABLE_OTEL|OPENTELEMETRY_ENABLED|TRACE_ENABLED)$/, no],
];

/** Samplers that start no trace, and go on with one that a caller began. */
const followRows: readonly Row[] = [
  ['opentelemetry', /^(QUARKUS_)?OTEL_TRACES_SAMPLER$/, /^parentbased_always_off$/i],
  ['spring', /^MANAGEMENT_TRACING_SAMPLING_PROBABILITY$|^SPRING_SLEUTH_SAMPLER_(PROBABILITY|RATE)$/, zero],
  ['datadog', /^DD_TRACE_SAMPLE_RATE$/, zero],
  ['elastic', /^ELASTIC_APM_TRANSACTION_SAMPLE_RATE$/, zero],
];

/** Names repeat in every service: which rows are about one is worked out once. */
const rowsFor = (rows: readonly Row[]): ((name: string) => readonly Row[]) =>
  memoize((name) => rows.filter(([, pattern]) => pattern.test(name)));
const offRowsFor = rowsFor(offRows);
const followRowsFor = rowsFor(followRows);

const makerIn = (rows: readonly Row[], value: string): Maker | undefined =>
  rows.find(([, , values]) => values.test(value))?.[0];

/** Whose tracing a setting of this name and value switches off. */
export const offMakerOf = (name: string, value: string): Maker | undefined => makerIn(offRowsFor(name), value);

const onNames =
  /^(ENABLE_TRACING|TRACING_ENABLED|OTEL_ENABLED|ENABLE_OTEL|OPENTELEMETRY_ENABLED|JAEGER_ENABLED|MANAGEMENT_TRACING_ENABLED|DD_TRACE_ENABLED)$/;

/** Agents that are loaded into the app from outside and make spans: by what loads them. */
const loaded =
  /-javaagent:\S*(opentelemetry|otel|elastic-apm|dd-java-agent|skywalking|newrelic|appdynamics|applicationinsights)\S*|(?:--require|-r|--import)[ =]\S*(@opentelemetry\/|dd-trace|elastic-apm-node|newrelic)\S*|(?:^|[\s/])(opentelemetry-instrument|ddtrace-run|newrelic-admin)(?=\s|$)/i;
/** Whose agent it is, by a word in what loads it. */
const makersLoaded: readonly (readonly [RegExp, Maker])[] = [
  [/dd-|ddtrace/i, 'datadog'],
  [/elastic/i, 'elastic'],
  [/skywalking/i, 'skywalking'],
  [/newrelic/i, 'newrelic'],
  [/appdynamics/i, 'appdynamics'],
  [/applicationinsights/i, 'azure'],
];
const makerOfLoaded = (words: string): Maker =>
  makersLoaded.find(([pattern]) => pattern.test(words))?.[1] ?? 'opentelemetry';

/** Vendors whose agents send to the vendor itself where they are told nothing else. */
const direct: ReadonlySet<Maker> = new Set(['newrelic', 'appdynamics', 'azure']);
export const sendsToVendor = ({ maker }: Switch): boolean => direct.has(maker);

/** `-Dname=value` and `--name=value` in arguments and options, `--no-tracing` as a switch of its own. */
const flags =
  /(?:^|\s)(-D([a-z][\w.]{0,80})=(\S{1,200})|--([a-z][\w-]{0,80})=(\S{1,200})|--(?:no|disable)-tracing)(?=\s|$)/gi;

/** A name and a value, where they were read, and how they are shown. */
interface Told {
  name: string;
  value: string;
  what: string;
  shown: string;
}

/** What a setting says: itself, and the flags within a longer value. */
function toldBy({ name, value }: Setting): Told[] {
  const whole = { name: variableOf(name), value: value.trim(), what: `${name}=${value}`, shown: `${name}=${value}` };
  if (!/(^|\s)-/.test(value)) return name === '' ? [] : [whole];
  const within = [...value.matchAll(flags)].map(([, flag = '', property, set, option, chosen]): Told => {
    const called = property ?? option;
    return {
      name: called ? variableOf(called) : 'TRACING_DISABLED',
      value: called ? (set ?? chosen ?? '') : 'true',
      what: `${flag}${name ? ` in ${name}` : ''}`,
      shown: flag,
    };
  });
  return name === '' ? within : [whole, ...within];
}

const isSamplerOrExporter = /^(QUARKUS_)?OTEL_TRACES_(SAMPLER|SAMPLER_ARG|EXPORTER)$|^JAEGER_SAMPLER_(TYPE|PARAM)$/;

/** Whether a setting of this name says anything here by itself: nearly all say nothing. */
const isSwitch = memoize((name) => {
  const variable = variableOf(name);
  return (
    offRowsFor(variable).length > 0 ||
    followRowsFor(variable).length > 0 ||
    onNames.test(variable) ||
    isSamplerOrExporter.test(variable)
  );
});

/** What loads an agent stands in these, or in an argument. */
const loaders = /^(JAVA_TOOL_OPTIONS|JAVA_OPTS|NODE_OPTIONS|JDK_JAVA_OPTIONS|)$/;

const speaks = ({ name, value, source }: Setting): boolean =>
  source !== 'file' && value.length <= 8192 && (isSwitch(name) || loaders.test(name) || /(^|\s)-/.test(value));

/** What switches tracing in what a component is told. */
export interface TracingSwitches {
  off: Switch[];
  /** It starts no trace itself. `byName`: of a sampler whose name says that it follows its parent. */
  follows: (Switch & { byName: boolean })[];
  on: Switch[];
  /** Names in OTEL_TRACES_EXPORTER; undefined where it is not set, which means OTLP. */
  exporters?: { names: readonly string[]; evidence: Evidence };
}

export function tracingSwitches(
  settings: readonly Setting[],
  evidenceOf: (setting: Setting, value: string) => Evidence,
): TracingSwitches {
  const switches: TracingSwitches = { off: [], follows: [], on: [] };
  const known = settings.filter(speaks).map((setting) => ({ setting, told: toldBy(setting) }));
  const settingOf = (name: RegExp): string =>
    known.flatMap(({ told }) => told).find((each) => name.test(each.name))?.value ?? '';
  const ratio = settingOf(/^(QUARKUS_)?OTEL_TRACES_SAMPLER$/);
  const jaeger = settingOf(/^JAEGER_SAMPLER_TYPE$/);
  for (const { setting, told } of known) {
    for (const { name, value, what, shown } of told) {
      const found = (maker: Maker): Switch => ({ maker, what, evidence: evidenceOf(setting, shown) });
      const off = offMakerOf(name, value);
      const follows = makerIn(followRowsFor(name), value);
      const noRatio = /^(QUARKUS_)?OTEL_TRACES_SAMPLER_ARG$/.test(name) && zero.test(value);
      if (off) switches.off.push(found(off));
      else if (follows) switches.follows.push({ ...found(follows), byName: follows === 'opentelemetry' });
      else if (noRatio && /^traceidratio$/i.test(ratio)) switches.off.push(found('opentelemetry'));
      else if (noRatio && /^parentbased_traceidratio$/i.test(ratio))
        switches.follows.push({ ...found('opentelemetry'), byName: true });
      else if (name === 'JAEGER_SAMPLER_PARAM' && zero.test(value) && /^(const|probabilistic)$/i.test(jaeger))
        switches.follows.push({ ...found('jaeger'), byName: false });
      else if (onNames.test(name) && yes.test(value)) switches.on.push(found('any'));
      if (/^(QUARKUS_)?OTEL_TRACES_EXPORTER$/.test(name) && value !== '')
        switches.exporters = {
          names: value
            .toLowerCase()
            .split(',')
            .map((each) => each.trim()),
          evidence: evidenceOf(setting, shown),
        };
    }
    const { name, value } = setting;
    if (!loaders.test(name)) continue;
    const agent = loaded.exec(value)?.[0].trim();
    if (agent) switches.on.push({ maker: makerOfLoaded(agent), what: agent, evidence: evidenceOf(setting, agent) });
  }
  return switches;
}

/** Whose variable an address stands in, as far as its name says. */
const makers: readonly (readonly [RegExp, Maker])[] = [
  [/^(QUARKUS_)?OTEL_/, 'opentelemetry'],
  [/^(SPRING|MANAGEMENT)_ZIPKIN|^ZIPKIN/, 'zipkin'],
  [/^MANAGEMENT_OTLP|^MANAGEMENT_TRACING/, 'spring'],
  [/^JAEGER_/, 'jaeger'],
  [/^DD_/, 'datadog'],
  [/^ELASTIC_APM/, 'elastic'],
  [/^NEW_RELIC/, 'newrelic'],
  [/^INSTANA_/, 'instana'],
  [/^SW_/, 'skywalking'],
  [/^APPDYNAMICS_/, 'appdynamics'],
  [/^APPLICATIONINSIGHTS_/, 'azure'],
];

export const makerOf = (name: string): Maker =>
  makers.find(([pattern]) => pattern.test(variableOf(name)))?.[1] ?? 'any';

const vendors: ReadonlySet<Maker> = new Set([
  'datadog',
  'elastic',
  'newrelic',
  'instana',
  'skywalking',
  'appdynamics',
  'azure',
]);

/** Whether a switch of one maker silences an address in a variable of another: it does where both may be one library. */
export function silences(off: Maker, address: Maker, loads: readonly Maker[]): boolean {
  if (off === 'any' || address === 'any' || off === address) return true;
  if (vendors.has(off) || vendors.has(address)) return false;
  // Spring's libraries send to Zipkin and by OTLP, and take addresses from any variable; an agent beside them is another.
  if (address === 'opentelemetry') return off !== 'opentelemetry' && !loads.includes('opentelemetry');
  return true;
}

/** Whether the exporters that OTEL_TRACES_EXPORTER names leave an address of OpenTelemetry's unused. */
export function isUnused(name: string, exporters: TracingSwitches['exporters']): boolean {
  if (!exporters) return false;
  const variable = variableOf(name);
  const kind = /^(?:QUARKUS_)?OTEL_EXPORTER_(OTLP|ZIPKIN|JAEGER)_/.exec(variable)?.[1]?.toLowerCase();
  return kind !== undefined && !exporters.names.some((each) => each.includes(kind));
}

/** It turns off all that OpenTelemetry's kit sends, not only its traces. */
export const isWholeKit = ({ what }: Switch): boolean =>
  /^(QUARKUS_)?OTEL_(SDK_DISABLED|JAVAAGENT_|ENABLED)|-Dotel\.(sdk|javaagent)\./.test(what);

/** Exporters that write spans out and send none. */
export const onlyPrints = ({ names }: { names: readonly string[] }): boolean =>
  names.length > 0 &&
  names.every((name) => /^(console|logging|logging-otlp|experimental-otlp\/stdout|none)$/.test(name)) &&
  !names.includes('none');
