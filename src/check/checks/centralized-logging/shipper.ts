import type { Evidence } from '../../contract.ts';
import { settingsOf } from '../../inventory/configuration/settings.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { mainContainerOf } from '../../inventory/graph/main-container.ts';
import type { Container } from '../../inventory/kubernetes/types.ts';
import { compare } from '../../inventory/kubernetes/workloads.ts';
import { behind } from '../../inventory/ledger.ts';
import { type ContainerBeside, containersBeside, standsIn } from '../../inventory/telemetry/beside.ts';
import { configBeside } from '../../inventory/telemetry/collector.ts';
import { readsByConfig } from '../../inventory/telemetry/log-agents.ts';
import { inputsReadFiles, outputOf } from '../../inventory/telemetry/log-outputs.ts';
import { decidedBy } from '../define/define-check.ts';
import { outputFault } from './followed.ts';
import type { Judgement } from './reasons.ts';

const volumesOf = ({ volumeMounts = [] }: Container): string[] => volumeMounts.map(({ name }) => name);

/** A volume of the pod that the app writes to and the shipper reads: not one of settings. */
function sharedVolume({ container, spec }: ContainerBeside, main: Container | undefined): string | undefined {
  const own = new Set(main ? volumesOf(main) : []);
  return (spec.volumes ?? []).find(
    ({ name, configMap, secret, projected }) =>
      own.has(name) && volumesOf(container).includes(name) && !configMap && !secret && !projected,
  )?.name;
}

/** A shipper beside the app: what it can read of it, and where it sends that. */
export function shipped(component: Component, facts: Facts): Judgement | undefined {
  const shipper = containersBeside(component)
    .sort((a, b) => compare(a.container.name, b.container.name))
    .find(
      (beside) =>
        beside.role === 'agent' || (beside.role === 'collector' && readsByConfig(configBeside(beside, facts)) === true),
    );
  if (!shipper) return undefined;
  const config = configBeside(shipper, facts);
  const { container, object, path, spec, namespace, workload } = shipper;
  const main = mainContainerOf(component, workload);
  const live = workload.pods[0]?.spec.containers.find(({ name }) => name === main?.name);
  const volume = sharedVolume(shipper, live ?? main);
  const index = workload.spec.containers.findIndex(({ name }) => name === container.name);
  const own = [`${workload.specPath}.containers[${index}]`];
  const all = facts.configuration(component);
  const told = {
    settings:
      index < 0
        ? settingsOf(container, spec, path, namespace, () => undefined).list
        : all.settings.filter((setting) => standsIn(own, setting)),
    references: all.references.filter((reference) => standsIn(own, reference)),
    namespace,
  };
  const { destination, evidence: led } = outputOf(told, config, facts);
  const evidence: Evidence[] = [{ object, path, value: container.image ?? container.name }, ...led];
  const blind =
    destination === 'unread'
      ? [behind('its output')]
      : destination === 'hidden'
        ? facts.ledger.gaps(['configmaps'], namespace)
        : [];
  if (destination !== 'somewhere')
    return decidedBy([
      outputFault(`a shipper (${container.name}) stands beside the app`, destination, evidence, blind),
    ]);
  if (volume === undefined || (readsByConfig(config) ?? inputsReadFiles(told)) === false)
    return decidedBy([
      {
        status: 'warn',
        reason: 'SHIPPER_READS_NOTHING',
        message: `a shipper (${container.name}) stands beside the app and sends logs on; ${
          volume === undefined ? 'it shares no volume with the app' : 'no input of it reads a file'
        }, so that it is not proven to read any of its`,
        evidence,
        fix: 'Follow the logs of all pods by one agent a node, or mount the volume that the app logs into in both.',
      },
    ]);
  return {
    level: 'wired',
    reason: 'LOGS_SHIPPED',
    message: `a shipper (${container.name}) beside the app reads the volume ${volume} that both mount, and sends the logs on`,
    evidence,
  };
}
