import type { Evidence } from '../contract.ts';
import { appContainers } from '../inventory/configuration/references.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { isPlaceholder } from '../inventory/kubernetes/placeholders.ts';
import { nameOf } from '../inventory/kubernetes/types.ts';
import { workloadName, workloadParts } from '../inventory/kubernetes/workloads.ts';
import { endpointsOf } from '../inventory/traffic/endpoint-slices.ts';
import { registryOf } from '../inventory/traffic/registries.ts';
import { decidedBy, defineCheck, notApplicable, unread } from './define/define-check.ts';
import { nearMiss } from './service-discovery/near-miss.ts';
import { type Found, type Judgement, reasons } from './service-discovery/reasons.ts';

const slices = 'endpointslices.discovery.k8s.io';

/** "db.shop.svc.cluster.local" is the Service db in shop. */
const shortName = (host: string): string => host.replace(/^([^.]+)\.([^.]+)\.svc(\..+)?$/, '$1 in $2');

const names = (count: number): string => (count === 1 ? 'the name it uses exists' : `the ${count} names it uses exist`);

/** What is wrong with the addresses that it uses, one finding a target. */
function judgeAddresses(component: Component, facts: Facts): Found[] {
  const found = new Map<string, Found>();
  for (const edge of facts.edgesFrom(component)) {
    const target = `${edge.host}${edge.port ? `:${edge.port}` : ''}`;
    const where = edge.setting ? ` (${edge.setting})` : '';
    if (edge.destination === 'absent')
      found.set(target, {
        status: 'warn',
        reason: 'ADDRESS_OF_NOTHING',
        message: `it is told to use ${target}${where}, and there is no ${edge.noNamespace ? `namespace ${edge.noNamespace} with a ` : ''}Service of that name`,
        evidence: [edge.evidence],
        fix: `Deploy ${shortName(edge.host)}, or correct the name; where the feature is off, waive this with the reason.`,
        key: target,
      });
    if (edge.destination === 'no-port' && edge.service) {
      const offered = (edge.service.spec.ports ?? []).map(({ port }) => port).join(', ');
      found.set(target, {
        status: 'warn',
        reason: 'PORT_OF_NOTHING',
        message: `it is told to use ${target}${where}, and ${nameOf(edge.service)} has no port ${edge.port} (it offers ${offered || 'none'})`,
        evidence: [edge.evidence, { object: nameOf(edge.service), path: 'spec.ports', value: offered }],
        fix: `Use a port that ${nameOf(edge.service)} offers, or add ${edge.port} to its spec.ports.`,
        key: target,
      });
    }
    if (edge.destination === 'literal')
      found.set(target, {
        status: 'fail',
        reason: 'LITERAL_ADDRESS',
        message: `it is told to use the address ${target}${where}, which moves when what has it now is made again`,
        evidence: [edge.evidence],
        fix: 'Use the DNS name of the Service instead of its address or that of a pod.',
        key: target,
      });
  }
  return [...found.values()];
}

/** What is wrong with how others find it. */
function judgeSelector(component: Component, facts: Facts): Found[] {
  const { primaryService: service } = component;
  if (!service) return [];
  const object = nameOf(service);
  const selector = Object.entries(service.spec.selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const evidence: Evidence[] = [{ object, path: 'spec.selector', value: selector }];
  const look = `kubectl get pods -n ${component.namespace} -l ${selector}`;
  const wanted = component.workloads.reduce((sum, workload) => sum + (workload.wanted ?? 1), 0);
  if (component.detached || component.workloads.length === 0) {
    const blind = facts.ledger.gaps(['pods', ...workloadParts], component.namespace);
    if (blind.length > 0) return [unread(blind, 'Nobody can say what its selector finds')];
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
        fix: `Make spec.selector match the labels of the pods; ${look} shows what it finds.`,
      },
    ];
  }
  const { ready, total } = endpointsOf(facts, service);
  const blind = facts.ledger.gaps([slices], component.namespace);
  if (ready === 0 && blind.length > 0) return [unread(blind, 'Nobody can say whether it has ready endpoints')];
  const found: Found[] = [];
  if (ready === 0)
    found.push({
      status: 'warn',
      reason: 'NONE_READY',
      message: `it selects ${total || 'its'} pods and none is ready: its name resolves and nobody answers`,
      evidence: [{ object: `EndpointSlice of ${object}`, path: 'endpoints[*].conditions.ready', value: '0 ready' }],
      fix: `Find out why its pods are not ready: ${look} and kubectl describe.`,
    });
  for (const port of service.spec.ports ?? []) {
    const { targetPort } = port;
    if (typeof targetPort !== 'string' || /^\d+$/.test(targetPort)) continue;
    if (facts.source.kind === 'manifests' && isPlaceholder(targetPort)) {
      found.push({
        status: 'unknown',
        reason: 'PLACEHOLDER',
        message: `port ${port.port} leads to ${targetPort}, which is filled in later`,
        evidence: [{ object, path: `spec.ports[${service.spec.ports?.indexOf(port)}].targetPort`, value: targetPort }],
        key: String(port.port),
      });
      continue;
    }
    const named = component.workloads.some(({ spec }) =>
      [
        ...spec.containers,
        ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'),
      ].some(({ ports }) => (ports ?? []).some(({ name }) => name === targetPort)),
    );
    if (!named)
      found.push({
        status: 'warn',
        reason: 'TARGET_PORT_OF_NOTHING',
        message: `port ${port.port} leads to the container port named ${targetPort}, and no container has one`,
        evidence: [{ object, path: `spec.ports[${service.spec.ports?.indexOf(port)}].targetPort`, value: targetPort }],
        fix: `Name a container port ${targetPort}, or use the number as targetPort.`,
        key: String(port.port),
      });
  }
  return found;
}

function judge(component: Component, facts: Facts): Judgement {
  const { primaryService: service } = component;
  const addresses = judgeAddresses(component, facts);
  const miss = nearMiss(component, facts);
  if (miss) return decidedBy([miss, ...addresses], 'configured');
  const registry = registryOf(component, facts);
  if (registry)
    addresses.push({
      status: 'warn',
      reason: 'ANOTHER_REGISTRY',
      message: `it finds others through ${registry.name}, beside the names that Kubernetes gives`,
      evidence: [registry.evidence],
      fix: 'Use the DNS names of Services, which need no registry to run, or keep the registry and waive this with the reason.',
    });
  // Scaled to zero by whoever scales it: there is nobody to find, and that is meant.
  const asleep = component.workloads.length > 0 && component.workloads.every(({ wanted }) => wanted === 0);
  if (!service) {
    const blind = facts.ledger.gaps(['services'], component.namespace);
    if (addresses.length > 0) return decidedBy(addresses, 'configured');
    if (blind.length > 0) return decidedBy([unread(blind, 'Nobody can say whether it has a Service')]);
    const ports = component.workloads.flatMap(appContainers).flatMap((container) => container.ports ?? []);
    return notApplicable(
      'NO_SERVICE',
      ports.length > 0
        ? `no Service leads to it (it declares port ${ports.map(({ containerPort }) => containerPort).join(', ')}): nobody finds it by name`
        : 'a worker: it offers no port, so there is nothing to find',
      component.workloads.map((workload) => ({
        object: workloadName(workload),
        path: `${workload.specPath}.containers[*].ports`,
      })),
    );
  }
  if (asleep && addresses.length === 0)
    return notApplicable('SCALED_TO_ZERO', 'scaled to zero: nobody is meant to answer');
  const findings = [...(asleep ? [] : judgeSelector(component, facts)), ...addresses];
  const blind = facts.hiddenFrom(component, ['configmaps', 'services'], 'all');
  if (blind.length > 0 && findings.every(({ status }) => status !== 'fail'))
    findings.push(unread(blind, 'Not every address that it uses is visible'));
  const { ready } = endpointsOf(facts, service);
  const used = facts.edgesFrom(component).filter(({ destination }) => destination === 'service');
  return {
    level: ready > 0 ? 'observed' : 'wired',
    reason: 'NAME_LEADS_TO_READY_PODS',
    message: `its name leads to ${ready} ready ${ready === 1 ? 'pod' : 'pods'}${used.length > 0 ? `, and ${names(new Set(used.map(({ host }) => host)).size)}` : ''}`,
    evidence: [
      { object: `EndpointSlice of ${nameOf(service)}`, path: 'endpoints[*].conditions.ready', value: `${ready} ready` },
      ...used.slice(0, 8).map(({ evidence }) => evidence),
    ],
    findings,
  };
}

export default defineCheck({
  id: 'service-discovery',
  title: 'Service discovery configured',
  item: 'Service discovery configured',
  heading: { long: 'discovery', short: 'discov' },
  reads: {
    needs: ['services', slices],
    uses: ['pods', ...workloadParts, 'configmaps', 'namespaces'],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'A service is found by a name that outlives its pods. A selector that finds nothing, a port that leads nowhere or an address that was true last week fails at run time, on the first call, and often only in the rare path.',
    judges:
      'Pass: the Service has ready endpoints, its ports resolve, and every address it uses (environment, ConfigMaps, arguments) is the DNS name of an existing Service and port. Warn: an address or port of nothing, a selector that misses the pods of its folder by a letter (with --from), another registry (Consul, Eureka, Dapr), or no ready pod. Fail: the selector finds no pod, or an address of a pod or Service is written as a number. Workers without a Service and services scaled to zero are not judged.',
    wrongWhen:
      'Addresses in Secrets and in code are not visible, so a pass says nothing about them. An address may stand for a feature that is off. During a rollout endpoints may be missing for a moment.',
    fix: 'Address others as http://name (same namespace) or name.namespace.svc, with a port that the Service offers; make spec.selector match the labels of the pod template.',
  },
  judge,
});
