import type { Evidence } from '../../contract.ts';
import type { Reference } from '../configuration/references.ts';
import type { Setting } from '../configuration/settings.ts';
import type { Facts } from '../facts.ts';
import { exporterText, followedExporters } from './collector.ts';
import type { CollectorConfig } from './pipelines.ts';

/** somewhere: an output that exists or lies outside · absent: a Service that does not exist · nowhere: it drops or prints · hidden: not visible · unread: a Service of a namespace that was not read. */
export type LogDestination = 'somewhere' | 'absent' | 'nowhere' | 'hidden' | 'unread';

/** Where logs are sent, and what says so. */
export interface LogOutput {
  destination: LogDestination;
  evidence: Evidence[];
}

/** What an agent or a shipper is told. */
export interface Told {
  settings: readonly Setting[];
  references: readonly Reference[];
  namespace: string;
}

const nowhere = /^(stdout|null|file|counter|flowcounter|nop|copy)$/i;
/** Inputs that read what containers print, or files that an app writes. */
const readsFiles = /^(tail|kubernetes_logs|file|filestream|container|log)$/i;

/** A source or an end in the configuration of Fluent Bit or Fluentd. */
interface Section {
  kind: 'input' | 'output';
  name: string;
  host?: string;
  port?: number;
}

/** Sources and ends in the configuration of Fluent Bit (classic and YAML) and Fluentd, with the host that each names. */
function sectionsIn(text: string): Section[] {
  const found: Section[] = [];
  let section: Section['kind'] | 'other' | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*#/.test(line)) continue;
    const header = /^\s*\[(\w+)\]/.exec(line)?.[1]?.toUpperCase();
    if (header) section = header === 'OUTPUT' ? 'output' : header === 'INPUT' ? 'input' : 'other';
    if (/^\s*<(match|store)/.test(line)) section = 'output';
    if (/^\s*<source/.test(line)) section = 'input';
    if (/^\s*<\/(match|store|source)/.test(line)) section = 'other';
    const list = /^\s*(inputs|outputs|filters|parsers|service):\s*$/.exec(line)?.[1];
    if (list) section = list === 'outputs' ? 'output' : list === 'inputs' ? 'input' : 'other';
    if (section !== 'output' && section !== 'input') continue;
    const [, key = '', value = ''] = /^\s*(?:-\s*)?(@?\w+):?\s+["']?([\w.-]+)["']?\s*$/.exec(line.slice(0, 1024)) ?? [];
    const last = found.at(-1);
    if (/^(name|@type)$/i.test(key)) found.push({ kind: section, name: value.toLowerCase() });
    else if (last && /^host$/i.test(key)) last.host = value;
    else if (last && /^port$/i.test(key) && /^\d{1,5}$/.test(value)) last.port = Number(value);
  }
  return found;
}

const filesOf = ({ settings }: Told): Setting[] => settings.filter(({ source }) => source === 'file');

/** Whether the inputs of an agent read files; undefined where none is visible, or some stand elsewhere. */
export function inputsReadFiles(told: Told): boolean | undefined {
  const files = filesOf(told).filter(({ value }) => value.length <= 256 * 1024);
  const inputs = files.flatMap(({ value }) => [
    ...sectionsIn(value).flatMap(({ kind, name }) => (kind === 'input' ? [name] : [])),
    ...(/^sources:/m.test(value)
      ? [...value.matchAll(/^[ \t]+type:\s*["']?(\w+)/gm)].map(([, type = '']) => type)
      : []),
  ]);
  if (inputs.some((name) => readsFiles.test(name))) return true;
  const elsewhere = files.some(({ value }) => /^[ \t]*@include\b/im.test(value));
  return inputs.length === 0 || elsewhere ? undefined : false;
}

/** Where a collector's logs pipelines end. */
function outputOfPipelines(config: CollectorConfig, facts: Facts): LogOutput {
  const exporters = followedExporters(config, 'logs', facts);
  const evidence = config.pipelines.logs.map(({ object, path, exporters: own }) => ({
    object,
    path,
    value: exporterText(own),
  }));
  const leads = new Set(exporters.map((each) => each.leads));
  const destination = leads.has('somewhere')
    ? 'somewhere'
    : leads.has('unread')
      ? 'unread'
      : leads.has('hidden')
        ? 'hidden'
        : leads.has('nowhere')
          ? 'absent'
          : 'nowhere';
  return { destination, evidence };
}

/** Where an agent (or a shipper beside an app) sends what it reads, from its configuration and settings. */
export function outputOf(told: Told, config: CollectorConfig, facts: Facts): LogOutput {
  if (config.visible && config.pipelines.logs.length > 0) return outputOfPipelines(config, facts);
  const { references, namespace } = told;
  const files = filesOf(told);
  const written = files.flatMap(({ value }) => sectionsIn(value)).filter(({ kind }) => kind === 'output');
  const outputs = written.map(({ name }) => name);
  const where: Evidence[] = files[0]?.configMap
    ? [{ object: `ConfigMap ${namespace}/${files[0].configMap}`, path: files[0].path, value: outputs.join(', ') }]
    : [];
  if (outputs.length > 0 && outputs.every((name) => nowhere.test(name)))
    return { destination: 'nowhere', evidence: where };
  const leads = references
    .filter(
      ({ host, certain, port, setting }) =>
        host.split('.')[0] !== 'kubernetes' &&
        (certain || port !== undefined) &&
        !/METRIC|KUBE|API_SERVER/i.test(setting),
    )
    .map((reference) => ({ reference, kind: facts.resolve(reference.host, reference.port, namespace).kind }));
  const named = written.flatMap(({ host, port }) => (host ? [facts.resolve(host, port, namespace).kind] : []));
  const any = (...kinds: readonly string[]): boolean =>
    leads.some(({ kind }) => kinds.includes(kind)) || named.some((kind) => kinds.includes(kind));
  const by = (destination: LogDestination, ...kinds: readonly string[]): LogOutput => ({
    destination,
    evidence: [
      ...where,
      ...leads
        .filter(({ kind }) => kinds.includes(kind))
        .slice(0, 3)
        .map(({ reference: { object, path, host, port } }) => ({
          object,
          path,
          value: `${host}${port ? `:${port}` : ''}`,
        })),
    ],
  });
  if (any('service', 'literal')) return by('somewhere', 'service', 'literal');
  const away = leads.some(({ kind, reference }) => kind === 'outside' && Boolean(reference.scheme || reference.port));
  if (away || named.includes('outside')) return by('somewhere', 'outside');
  if (any('unread')) return by('unread', 'unread');
  if (any('absent', 'no-port')) return by('absent', 'absent', 'no-port');
  return outputs.some((name) => knowsItsAddress.test(name)) ? by('somewhere') : by('hidden');
}

/** Outputs of a cloud or a vendor (cloudwatch_logs, stackdriver, azure …) know their address themselves. */
const knowsItsAddress =
  /cloudwatch|stackdriver|gcp|google|azure|s3|kinesis|firehose|datadog|splunk|newrelic|nrlogs|bigquery|logdna|sumologic|opensearch_serverless/;
