import type { Evidence } from '../../contract.ts';
import { appContainers } from '../configuration/references.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { imageOf } from '../kubernetes/images.ts';
import { readyPods, type Workload, workloadName } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';
import { roleOfImage } from '../technologies/images.ts';
import { collectorConfig, exportersOf, exporterText } from './collector.ts';
import { logOperatorOf, operatorDestination } from './log-operators.ts';

/** somewhere: an output that exists or lies outside · absent: a Service that does not exist · nowhere: it drops or prints · hidden: not visible · unread: a Service of a namespace that was not read. */
export type LogDestination = 'somewhere' | 'absent' | 'nowhere' | 'hidden' | 'unread';

export interface LogAgent {
  component: Component;
  workload: Workload;
  /** Nodes on which a pod of it is ready. */
  nodes: ReadonlySet<string>;
  destination: LogDestination;
  evidence: Evidence[];
}

const containerLogs = /^\/var\/log\/(pods|containers)\/?$|^\/var\/lib\/docker\/containers\/?$/;
const maybeLogs = /^\/var\/log\/?$|^\/$/;

/** Reads the nodes' container logs: by what it mounts, and for wider mounts also by what it is. */
function readsLogs(component: Component, workload: Workload, facts: Facts): boolean {
  const paths = (workload.spec.volumes ?? []).map(({ hostPath }) => hostPath?.path ?? '');
  if (paths.some((path) => containerLogs.test(path))) return true;
  if (!paths.some((path) => maybeLogs.test(path))) return false;
  if (logOperatorOf(workload)) return true;
  const roles = appContainers(workload).map((container) => roleOfImage(imageOf(container, [workload])));
  if (roles.includes('agent')) return true;
  return (
    roles.includes('collector') &&
    collectorConfig(component, facts).pipelines.logs.some(({ receivers }) =>
      receivers.some((name) => /^file_?log/.test(name)),
    )
  );
}

/** Every DaemonSet that follows the logs of the containers on its node. */
export const logAgents = perRun((facts): readonly LogAgent[] =>
  facts.components.flatMap((component) =>
    component.workloads
      .filter((workload) => workload.kind === 'DaemonSet' && readsLogs(component, workload, facts))
      .map((workload): LogAgent => {
        const own = destinationOf(component, facts);
        const { destination, evidence } =
          own.destination === 'hidden' ? (operatorDestination(workload, facts) ?? own) : own;
        const nodes = new Set(readyPods(workload).flatMap(({ spec }) => spec.nodeName ?? []));
        return {
          component,
          workload,
          nodes,
          destination,
          evidence: [{ object: workloadName(workload), path: 'spec.template.spec.volumes' }, ...evidence],
        };
      }),
  ),
);

const nowhere = /^(stdout|null|file|counter|flowcounter|nop|copy)$/i;

interface Output {
  name: string;
  host?: string;
  port?: number;
}

/** Outputs in the configuration of Fluent Bit (classic and YAML) and Fluentd, with the host that each names. */
function outputsIn(text: string): Output[] {
  const found: Output[] = [];
  let section: 'output' | 'other' | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*#/.test(line)) continue;
    const header = /^\s*\[(\w+)\]/.exec(line)?.[1];
    if (header) section = header.toUpperCase() === 'OUTPUT' ? 'output' : 'other';
    if (/^\s*<(match|store)/.test(line)) section = 'output';
    if (/^\s*<\/(match|store)/.test(line)) section = 'other';
    if (/^\s*outputs:\s*$/.test(line)) section = 'output';
    if (section !== 'output') continue;
    const [, key = '', value = ''] = /^\s*(?:-\s*)?(@?\w+):?\s+["']?([\w.-]+)["']?\s*$/.exec(line.slice(0, 1024)) ?? [];
    const last = found.at(-1);
    if (/^(name|@type)$/i.test(key)) found.push({ name: value.toLowerCase() });
    else if (last && /^host$/i.test(key)) last.host = value;
    else if (last && /^port$/i.test(key) && /^\d{1,5}$/.test(value)) last.port = Number(value);
  }
  return found;
}

/** Where an agent (or a shipper beside an app) sends what it reads, from its configuration and settings. */
export function destinationOf(
  component: Component,
  facts: Facts,
): { destination: LogDestination; evidence: Evidence[] } {
  const config = collectorConfig(component, facts);
  if (config.visible) {
    const exporters = exportersOf(config, 'logs');
    const evidence = config.pipelines.logs.map(({ object, path, exporters: own }) => ({
      object,
      path,
      value: exporterText(own),
    }));
    if (exporters.some(({ leads }) => leads === 'somewhere')) return { destination: 'somewhere', evidence };
    if (exporters.some(({ leads }) => leads === 'unread')) return { destination: 'unread', evidence };
    return { destination: exporters.some(({ leads }) => leads === 'nowhere') ? 'absent' : 'nowhere', evidence };
  }
  const told = facts.configuration(component);
  const files = told.settings.filter(({ source }) => source === 'file');
  const written = files.flatMap(({ value }) => outputsIn(value));
  const outputs = written.map(({ name }) => name);
  const where = files[0]?.configMap
    ? [
        {
          object: `ConfigMap ${component.namespace}/${files[0].configMap}`,
          path: files[0].path,
          value: outputs.join(', '),
        },
      ]
    : [];
  if (outputs.length > 0 && outputs.every((name) => nowhere.test(name)))
    return { destination: 'nowhere', evidence: where };
  const leads = told.references
    .filter(
      ({ host, certain, port, setting }) =>
        host.split('.')[0] !== 'kubernetes' &&
        (certain || port !== undefined) &&
        !/METRIC|KUBE|API_SERVER/i.test(setting),
    )
    .map((reference) => ({ reference, kind: facts.resolve(reference.host, reference.port, component.namespace).kind }));
  const named = written.flatMap(({ host, port }) =>
    host ? [facts.resolve(host, port, component.namespace).kind] : [],
  );
  const any = (...kinds: readonly string[]): boolean =>
    leads.some(({ kind }) => kinds.includes(kind)) || named.some((kind) => kinds.includes(kind));
  const evidenceOf = (kinds: readonly string[]): Evidence[] =>
    leads
      .filter(({ kind }) => kinds.includes(kind))
      .slice(0, 3)
      .map(({ reference }) => ({
        object: reference.object,
        path: reference.path,
        value: `${reference.host}${reference.port ? `:${reference.port}` : ''}`,
      }));
  if (any('service', 'literal'))
    return { destination: 'somewhere', evidence: [...where, ...evidenceOf(['service', 'literal'])] };
  if (
    leads.some(({ kind, reference }) => kind === 'outside' && (reference.scheme || reference.port)) ||
    named.includes('outside')
  )
    return { destination: 'somewhere', evidence: [...where, ...evidenceOf(['outside'])] };
  if (any('unread')) return { destination: 'unread', evidence: [...where, ...evidenceOf(['unread'])] };
  if (any('absent', 'no-port'))
    return { destination: 'absent', evidence: [...where, ...evidenceOf(['absent', 'no-port'])] };
  // Outputs of a cloud (cloudwatch_logs, stackdriver, azure …) know their address themselves.
  const cloud = outputs.some((name) =>
    /cloudwatch|stackdriver|gcp|google|azure|s3|kinesis|firehose|datadog|splunk|newrelic|nrlogs|bigquery|logdna|sumologic|opensearch_serverless/.test(
      name,
    ),
  );
  return cloud ? { destination: 'somewhere', evidence: where } : { destination: 'hidden', evidence: where };
}
