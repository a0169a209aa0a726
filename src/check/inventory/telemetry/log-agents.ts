import type { Evidence } from '../../contract.ts';
import { appContainers } from '../configuration/references.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { imageOf } from '../kubernetes/images.ts';
import { readyPods, type Workload, workloadName } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';
import { type Role, roleOfImage } from '../technologies/images.ts';
import { collectorConfig } from './collector.ts';
import { documentsOf } from './collector-documents.ts';
import { leftOutByMark } from './log-marks.ts';
import { logOperatorOf, operatorDestination } from './log-operators.ts';
import { inputsReadFiles, type LogDestination, type LogOutput, outputOf, type Told } from './log-outputs.ts';
import { logRules, selectionOf } from './log-selection.ts';
import type { CollectorConfig } from './pipelines.ts';
import { type Chosen, vendorOf } from './vendor-agents.ts';

/** Something that takes what other pods print, by the files of their nodes or by the API. */
export interface LogAgent {
  component: Component;
  workload: Workload;
  /** Nodes on which a pod of it is ready. */
  nodes: ReadonlySet<string>;
  /** It asks the API, so that it takes the logs of pods on every node. */
  everywhere: boolean;
  /** Whether it takes those of a component, as far as its own configuration says. */
  takes(component: Component): Chosen;
  destination: LogDestination;
  evidence: Evidence[];
}

const containerLogs = /^\/var\/log\/(pods|containers)\/?$|^\/var\/lib\/docker\/containers\/?$/;
const maybeLogs = /^\/var\/log\/?$|^\/$/;
/** Receivers of OpenTelemetry's collector and components of Alloy that read files. */
const fileReceiver = /^(file_?log(\/|$)|loki\.source\.file\.|otelcol\.receiver\.filelog\.)/;

const rolesOf = (workload: Workload): (Role | undefined)[] =>
  appContainers(workload).map((container) => roleOfImage(imageOf(container, [workload])));

const toldTo = (component: Component, facts: Facts): Told => ({
  ...facts.configuration(component),
  namespace: component.namespace,
});

/** Whether a collector or Alloy reads files; undefined where its configuration is not all visible. */
export function readsByConfig({ visible, whole, pipelines }: CollectorConfig): boolean | undefined {
  if (!visible) return undefined;
  const reads = pipelines.logs.some(({ receivers }) => receivers.some((name) => fileReceiver.test(name)));
  return reads || (whole ? false : undefined);
}

/** Reads the nodes' container logs: by what it mounts, by what it is told, and for wider mounts by what it is. */
function readsFiles(component: Component, workload: Workload, facts: Facts): boolean {
  const paths = (workload.spec.volumes ?? []).map(({ hostPath }) => hostPath?.path ?? '');
  const exactly = paths.some((path) => containerLogs.test(path));
  if (!exactly && !paths.some((path) => maybeLogs.test(path))) return false;
  const roles = rolesOf(workload);
  const isAgent = roles.includes('agent');
  if (isAgent || roles.includes('collector')) {
    const byConfig = readsByConfig(collectorConfig(component, facts)) ?? inputsReadFiles(toldTo(component, facts));
    if (byConfig !== undefined) return byConfig;
  }
  return exactly || isAgent || logOperatorOf(workload) !== undefined || vendorOf(component) !== undefined;
}

/** Where an agent sends what it takes; a vendor's knows that itself, unless it is told another address. */
function destinationOf(component: Component, workload: Workload, facts: Facts): LogOutput {
  const told = toldTo(component, facts);
  const vendor = vendorOf(component);
  const { redirects } = vendor ?? {};
  const references = redirects ? told.references.filter(({ setting }) => redirects.test(setting)) : told.references;
  const own = outputOf({ ...told, references }, collectorConfig(component, facts), facts);
  if (own.destination !== 'hidden') return own;
  return vendor ? { ...own, destination: 'somewhere' } : (operatorDestination(workload, facts) ?? own);
}

/** What the files of an agent, or its custom resource, say, where it has no switches of a vendor. */
function byFiles(agent: Component, workload: Workload, facts: Facts): (of: Component) => Chosen {
  const files = facts.configuration(agent).settings.filter(({ source }) => source === 'file');
  const documents = [...documentsOf(agent, facts)];
  const rules = logRules(
    files.map(({ value }) => value),
    documents.map(({ document }) => document),
  );
  const evidence = [
    ...files.map(({ configMap, path }) => ({ object: `ConfigMap ${agent.namespace}/${configMap}`, path })),
    ...documents.map(({ object, path }) => ({ object, path })),
  ].slice(0, 1);
  return (of) => {
    const selection = selectionOf(rules, of);
    return selection === 'all'
      ? { choice: 'on', evidence: [] }
      : {
          choice: selection === 'none' ? 'off' : 'unclear',
          evidence,
          fix: `Let ${workloadName(workload)} read its files too: its inputs or their exclusions leave them out.`,
        };
  };
}

function fromFiles(component: Component, workload: Workload, facts: Facts): LogAgent[] {
  if (workload.kind !== 'DaemonSet') return [];
  const vendor = vendorOf(component);
  const isReader = readsFiles(component, workload, facts);
  if (!isReader && !vendor?.otherWays?.(component, facts)) return [];
  const { destination, evidence } = destinationOf(component, workload, facts);
  const choose = vendor ? (of: Component) => vendor.logs(component, of, facts) : byFiles(component, workload, facts);
  const files = facts.configuration(component).settings.filter(({ source }) => source === 'file');
  const takes = (of: Component): Chosen => {
    const own = choose(of);
    const chosen = (own.choice === 'on' && leftOutByMark(workload, of, files)) || own;
    // Whether its other ways lead to logs depends on the runtime of the node.
    return chosen.choice === 'on' && !isReader ? { ...chosen, choice: 'unclear' } : chosen;
  };
  const mounts: Evidence = { object: workloadName(workload), path: 'spec.template.spec.volumes' };
  return [
    {
      component,
      workload,
      nodes: new Set(readyPods(workload).flatMap(({ spec }) => spec.nodeName ?? [])),
      everywhere: false,
      takes,
      destination,
      evidence: [mounts, ...evidence],
    },
  ];
}

/** Grafana Alloy needs no file for it: `loki.source.kubernetes` and `loki.source.podlogs` follow logs by the API. */
function fromApi(component: Component, workload: Workload, facts: Facts): LogAgent[] {
  const roles = rolesOf(workload);
  if (/Job$/.test(workload.kind) || !(roles.includes('agent') || roles.includes('collector'))) return [];
  const config = collectorConfig(component, facts);
  if (config.podsAsked.length === 0) return [];
  const { destination, evidence } = outputOf(toldTo(component, facts), config, facts);
  const nodes = new Set(readyPods(workload).flatMap(({ spec }) => spec.nodeName ?? []));
  const takes = ({ namespace }: Component): Chosen => {
    const asked = config.podsAsked.filter(({ namespaces }) => namespaces?.includes(namespace) ?? true);
    const choice = asked.length === 0 ? 'off' : asked.every(({ chooses }) => chooses) ? 'unclear' : 'on';
    return { choice, evidence, fix: `Add its namespace to those that ${workloadName(workload)} looks for pods in.` };
  };
  const everywhere = nodes.size > 0 && config.podsAsked.some(({ ownNode }) => !ownNode);
  return [{ component, workload, nodes, everywhere, takes, destination, evidence }];
}

/** Everything that follows the logs of other pods. */
export const logAgents = perRun((facts): readonly LogAgent[] =>
  facts.components.flatMap((component) =>
    component.workloads.flatMap((workload) => [
      ...fromFiles(component, workload, facts),
      ...fromApi(component, workload, facts),
    ]),
  ),
);

/** A collector on the nodes that would keep logs and reads none: what it lacks. */
export interface IdleCollector {
  workload: Workload;
  /** receiver: of files · mount: of the folder that its receiver reads. */
  lacks: 'receiver' | 'mount';
  evidence: Evidence[];
}

/** A DaemonSet of a collector with a pipeline for logs into which nothing reads the containers' files. */
export const idleCollector = perRun((facts): IdleCollector | undefined => {
  for (const component of facts.components)
    for (const workload of component.workloads) {
      const roles = workload.kind === 'DaemonSet' ? rolesOf(workload) : [];
      if (!roles.includes('collector') && !roles.includes('agent')) continue;
      const config = collectorConfig(component, facts);
      if (config.pipelines.logs.length === 0 || config.podsAsked.length > 0) continue;
      if (readsFiles(component, workload, facts)) continue;
      return {
        workload,
        lacks: readsByConfig(config) ? 'mount' : 'receiver',
        evidence: config.pipelines.logs.map(({ object, path, receivers }) => ({
          object,
          path,
          value: receivers.join(', '),
        })),
      };
    }
  return undefined;
});
