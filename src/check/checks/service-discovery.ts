import { appContainers } from '../inventory/configuration/references.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { type KubeService, nameOf } from '../inventory/kubernetes/types.ts';
import { workloadName, workloadParts } from '../inventory/kubernetes/workloads.ts';
import { endpointsOf, willAnswer } from '../inventory/traffic/endpoint-slices.ts';
import { registryOf } from '../inventory/traffic/registries.ts';
import { vacantRole } from '../inventory/traffic/role-services.ts';
import { decidedBy, defineCheck, notApplicable, unread } from './define/define-check.ts';
import { judgeAddresses } from './service-discovery/addresses.ts';
import { nearMiss } from './service-discovery/near-miss.ts';
import { judgeReadable } from './service-discovery/readable-addresses.ts';
import { type Found, type Judgement, reasons } from './service-discovery/reasons.ts';
import { judgeSelector } from './service-discovery/selector.ts';

const slices = 'endpointslices.discovery.k8s.io';

const names = (count: number): string => (count === 1 ? 'the name it uses exists' : `the ${count} names it uses exist`);

function judgeRegistry(component: Component, facts: Facts): Found[] {
  const registry = registryOf(component, facts);
  if (!registry) return [];
  return [
    {
      status: 'warn',
      reason: 'ANOTHER_REGISTRY',
      message: `it finds others through ${registry.name}, beside the names that Kubernetes gives`,
      evidence: [registry.evidence],
      fix: 'Use the DNS names of Services, which need no registry to run, or keep the registry and waive this with the reason.',
    },
  ];
}

function judgeWorker(component: Component, facts: Facts, addresses: readonly Found[]): Judgement {
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

/** Why nobody is meant to answer; undefined where somebody is, or may be. */
function judgeSleep(component: Component, service: KubeService, facts: Facts): Judgement | undefined {
  // Scaled to zero by whoever scales it: there is nobody to find, and that is meant.
  if (component.workloads.length > 0 && component.workloads.every(({ wanted }) => wanted === 0))
    return notApplicable('SCALED_TO_ZERO', 'scaled to zero: nobody is meant to answer');
  if (component.workloads.length > 0 || endpointsOf(facts, service).ready > 0) return undefined;
  const role = vacantRole(component, facts);
  return role?.others === 1 && facts.ledger.gaps(['pods', slices], component.namespace).length === 0
    ? notApplicable(
        'ROLE_VACANT',
        `it stands for ${role.what}, of which one pod runs, in another role: nobody is meant to answer`,
        [role.evidence],
      )
    : undefined;
}

function judge(component: Component, facts: Facts): Judgement {
  const { primaryService: service } = component;
  const addresses = [...judgeAddresses(component, facts), ...judgeRegistry(component, facts)];
  const miss = nearMiss(component, facts);
  if (miss) return decidedBy([miss, ...addresses], 'configured');
  if (!service) return judgeWorker(component, facts, addresses);
  const asleep = judgeSleep(component, service, facts);
  if (asleep && addresses.length === 0) return asleep;
  const findings = [...(asleep ? [] : judgeSelector(component, service, facts)), ...addresses];
  const blind = facts.hiddenFrom(component, ['configmaps', 'services'], 'all');
  if (blind.length > 0 && findings.every(({ status }) => status !== 'fail'))
    findings.push(unread(blind, 'Not every address that it uses is visible'));
  findings.push(...judgeReadable(component, facts));
  const { ready } = endpointsOf(facts, service);
  const planned = ready === 0 && willAnswer(facts, service);
  const used = facts.edgesFrom(component).filter(({ destination }) => destination === 'service');
  return {
    level: ready > 0 ? 'observed' : 'wired',
    reason: 'NAME_LEADS_TO_READY_PODS',
    message: `${planned ? 'its selector matches the pods that will be there' : `its name leads to ${ready} ready ${ready === 1 ? 'pod' : 'pods'}`}${used.length > 0 ? `, and ${names(new Set(used.map(({ host }) => host)).size)}` : ''}`,
    evidence: [
      planned
        ? { object: nameOf(service), path: 'spec.selector' }
        : {
            object: `EndpointSlice of ${nameOf(service)}`,
            path: 'endpoints[*].conditions.ready',
            value: `${ready} ready`,
          },
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
    uses: ['pods', ...workloadParts, 'jobs.batch', 'cronjobs.batch', 'configmaps', 'namespaces'],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'A service is found by a name that outlives its pods. A selector that finds nothing, a port that leads nowhere or an address that was true last week fails at run time, on the first call, and often only in the rare path.',
    judges:
      'Pass: the Service has ready endpoints, its ports resolve, and every address it uses (environment, ConfigMaps, arguments) is the DNS name of an existing Service and port. Warn: an address or port of nothing, a selector that misses the pods of its folder by a letter (with --from), another registry (Consul, Eureka, Dapr), or no ready pod. Fail: the selector finds no pod, or an address of a pod or Service is written as a number. Workers without a Service and services scaled to zero are not judged.',
    wrongWhen:
      'Addresses in Secrets and in code are not visible, so a pass says nothing about them; where a ConfigMap that bears its name is given to nobody, programs such as Spring Cloud Kubernetes may read it, and that is unknown. An address may stand for a feature that is off. During a rollout endpoints may be missing for a moment.',
    fix: 'Address others as http://name (same namespace) or name.namespace.svc, with a port that the Service offers; make spec.selector match the labels of the pod template.',
  },
  judge,
});
