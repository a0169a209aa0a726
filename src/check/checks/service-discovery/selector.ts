import type { Evidence } from '../../contract.ts';
import { appContainers } from '../../inventory/configuration/references.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { isPlaceholder, laterPort } from '../../inventory/kubernetes/placeholders.ts';
import { type KubeService, nameOf, type ServicePort } from '../../inventory/kubernetes/types.ts';
import { workloadName, workloadParts } from '../../inventory/kubernetes/workloads.ts';
import { endpointsOf, willAnswer } from '../../inventory/traffic/endpoint-slices.ts';
import { vacantRole } from '../../inventory/traffic/role-services.ts';
import { isWritten } from '../../inventory/written.ts';
import { unread } from '../define/define-check.ts';
import { patchOf } from '../define/patch.ts';
import type { Found } from './reasons.ts';

const slices = 'endpointslices.discovery.k8s.io';

const selectorOf = ({ spec }: KubeService): string =>
  Object.entries(spec.selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

const look = ({ namespace }: Component, service: KubeService): string =>
  `kubectl get pods -n ${namespace} -l ${selectorOf(service)}`;

/** What is wrong with how others find it. Whether anybody answers, its slices say. */
export function judgeSelector(component: Component, service: KubeService, facts: Facts): Found[] {
  const { ready } = endpointsOf(facts, service);
  const isEmpty = component.detached || component.workloads.length === 0;
  if (isEmpty) return ready > 0 ? [] : judgeEmpty(component, service, facts);
  const answers = ready > 0 || willAnswer(facts, service);
  const blind = facts.ledger.gaps([slices], component.namespace);
  if (!answers && blind.length > 0) return [unread(blind, 'Nobody can say whether it has ready endpoints')];
  return [
    ...(answers ? [] : [noneReady(component, service, facts)]),
    ...(service.spec.ports ?? []).flatMap((port, index) =>
      judgeTargetPort(component, service, port, index, isWritten(facts)),
    ),
  ];
}

function noneReady(component: Component, service: KubeService, facts: Facts): Found {
  const { total } = endpointsOf(facts, service);
  return {
    status: 'warn',
    reason: 'NONE_READY',
    message: `it selects ${total || 'its'} pods and none is ready: its name resolves and nobody answers`,
    evidence: [
      { object: `EndpointSlice of ${nameOf(service)}`, path: 'endpoints[*].conditions.ready', value: '0 ready' },
    ],
    fix: `Find out why its pods are not ready: ${look(component, service)} and kubectl describe.`,
  };
}

/** Its selector finds no pod, and no slice of it has an address that is ready. */
function judgeEmpty(component: Component, service: KubeService, facts: Facts): Found[] {
  // Jobs would be one more reason for it to be empty; a workload of its name is what it was meant for.
  const needed = ['pods', ...workloadParts, slices, ...(component.detached ? [] : ['jobs.batch', 'cronjobs.batch'])];
  const blind = facts.ledger.gaps(needed, component.namespace);
  if (blind.length > 0) return [unread(blind, 'Nobody can say what its selector finds')];
  const selector = selectorOf(service);
  const evidence: Evidence[] = [{ object: nameOf(service), path: 'spec.selector', value: selector }];
  const role = vacantRole(component, facts);
  if (role)
    return [
      {
        status: 'warn',
        reason: 'ROLE_VACANT',
        message: `it stands for ${role.what}, and no pod has that role now: its name resolves and nobody answers`,
        evidence: [...evidence, role.evidence],
        fix: `See in the status of what makes it whether such a pod is wanted; ${look(component, service)} shows what there is.`,
      },
    ];
  if (component.runs)
    return [
      {
        status: 'warn',
        reason: 'ONLY_RUNS',
        message: `its selector ${selector} finds the pods of ${component.runs.map(workloadName).join(' and ')} alone, and none runs now: its name resolves and nobody answers`,
        evidence,
        fix: 'Make it headless (clusterIP: None) where only the pods of the Job look for each other, or let it lead to a Deployment.',
      },
    ];
  const wanted = component.workloads.reduce((sum, workload) => sum + (workload.wanted ?? 1), 0);
  return [
    {
      status: 'fail',
      reason: 'SELECTS_NOTHING',
      message: `its selector ${selector} finds no pod${component.detached ? `, although ${component.workloads.map(workloadName).join(' and ')} wants ${wanted}` : ''}: the name resolves and nobody answers`,
      evidence: [
        ...evidence,
        ...component.workloads.map((workload) => ({
          object: workloadName(workload),
          path: `${workload.metadataPath}.labels`,
        })),
      ],
      fix: `Make spec.selector match the labels of the pods; ${look(component, service)} shows what it finds.`,
      ...selecting(component, service),
    },
  ];
}

function judgeTargetPort(
  component: Component,
  service: KubeService,
  port: ServicePort,
  index: number,
  isTemplate: boolean,
): Found[] {
  const { targetPort } = port;
  if (typeof targetPort !== 'string' || /^\d+$/.test(targetPort)) return [];
  const evidence = [{ object: nameOf(service), path: `spec.ports[${index}].targetPort`, value: targetPort }];
  if (isTemplate && isPlaceholder(targetPort)) {
    const message = `port ${port.port} leads to ${targetPort}, which is filled in later`;
    return [{ status: 'unknown', reason: 'PLACEHOLDER', message, evidence, key: String(port.port) }];
  }
  const named = component.workloads.some(({ spec }) =>
    [...spec.containers, ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')].some(
      ({ ports }) => (ports ?? []).some(({ name }) => name === targetPort),
    ),
  );
  if (named) return [];
  return [
    {
      status: 'warn',
      reason: 'TARGET_PORT_OF_NOTHING',
      message: `port ${port.port} leads to the container port named ${targetPort}, and no container has one`,
      evidence,
      fix: `Name a container port ${targetPort}, or use the number as targetPort.`,
      key: String(port.port),
      ...leadingTo(component, service, port),
    },
  ];
}

/** The number that the name can only mean, where its pods have one port. */
function leadingTo({ workloads }: Component, service: KubeService, { port, name }: ServicePort): { patch?: string } {
  const [only, another] = workloads.flatMap(appContainers).flatMap((container) => container.ports ?? []);
  if (!only || another || only.containerPort === laterPort) return {};
  const changed = { ...(name ? { name } : {}), port, targetPort: only.containerPort };
  return { patch: patchOf(service, { spec: { ports: [changed] } }) };
}

/** The labels that its one workload has under the keys that are asked for. */
function selecting({ workloads: [workload, another] }: Component, service: KubeService): { patch?: string } {
  const keys = Object.keys(service.spec.selector ?? {});
  const labels = Object.fromEntries(
    keys.flatMap((key) => (workload?.podLabels[key] ? [[key, workload.podLabels[key]]] : [])),
  );
  return another || keys.length === 0 || Object.keys(labels).length < keys.length
    ? {}
    : { patch: patchOf(service, { spec: { selector: labels } }) };
}
