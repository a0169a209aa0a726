import type { Evidence } from '../contract.ts';
import { appContainers } from '../inventory/configuration/references.ts';
import { type Delivery, deliveryOf } from '../inventory/delivery/delivery.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { mainContainerOf } from '../inventory/graph/main-container.ts';
import { imageReference, isFloating, isUnpinned } from '../inventory/kubernetes/images.ts';
import { isPlaceholder } from '../inventory/kubernetes/placeholders.ts';
import { type Workload, workloadName, workloadParts } from '../inventory/kubernetes/workloads.ts';
import { isWritten } from '../inventory/written.ts';
import { decidedBy, defineCheck, unread } from './define/define-check.ts';
import { danglingScalers, scalingParts } from './deployment-automation/dangling.ts';
import { type Found, type Judgement, reasons } from './deployment-automation/reasons.ts';

/** What may hold the version: the image without a registry and path that are known to end. */
const versionOf = (image: string): string => image.slice(image.lastIndexOf('/') + 1);

/** A file on a node, which its kubelet runs and runs again: the API server shows a mirror of it. */
const isStatic = ({ object }: Workload): boolean =>
  (object?.metadata.ownerReferences ?? []).some(({ kind }) => kind === 'Node') ||
  object?.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;

function judgeImages(component: Component, workload: Workload, isTemplate: boolean): Found[] {
  const own = mainContainerOf(component, workload);
  return appContainers(workload).flatMap((container): Found[] => {
    const reference = imageReference(container.image ?? '');
    const path = `${workload.specPath}.containers[${workload.spec.containers.indexOf(container)}].image`;
    const evidence: Evidence[] = [{ object: workloadName(workload), path, value: container.image ?? '' }];
    const key = `${workload.name}/${container.name}`;
    const fix = `Pin ${path} to a version or, better, a digest, and let the pipeline change it.`;
    // A variable in the registry's place leaves the version where it is.
    if (isTemplate && isPlaceholder(versionOf(container.image ?? ''))) {
      const message = `container ${container.name} of ${workloadName(workload)} runs ${container.image}, which is filled in later`;
      return [{ status: container === own ? 'unknown' : 'note', reason: 'PLACEHOLDER', message, evidence, key }];
    }
    if (isUnpinned(reference)) {
      const what = `container ${container.name} of ${workloadName(workload)} runs ${container.image}, which names no version: two pods may run different code, and nobody can go back`;
      // What stands beside the app does not decide about the app.
      return [{ status: container === own ? 'fail' : 'note', reason: 'NO_VERSION', message: what, evidence, fix, key }];
    }
    if (!isFloating(reference)) return [];
    const what = `container ${container.name} of ${workloadName(workload)} runs ${container.image}, a tag that moves`;
    return [{ status: container === own ? 'warn' : 'note', reason: 'FLOATING_TAG', message: what, evidence, fix, key }];
  });
}

/** Not `create` and `replace`, which bring a file as `apply` does: what runs is what is written down. */
const interactive = /^kubectl-(edit|set|patch|scale|run)$/;

/** The last writer of the spec, where it was a person at a keyboard. */
function judgeWriters(workload: Workload): Found[] {
  const writes = (workload.object?.metadata.managedFields ?? []).filter(({ subresource }) => subresource === undefined);
  const last = writes.reduce<(typeof writes)[number] | undefined>(
    (latest, write) => (latest === undefined || (write.time ?? '') > (latest.time ?? '') ? write : latest),
    undefined,
  );
  if (!last?.manager || !interactive.test(last.manager)) return [];
  return [
    {
      status: 'warn',
      reason: 'EDITED_BY_HAND',
      message: `the last to write ${workloadName(workload)} was ${last.manager}${last.time ? `, at ${last.time}` : ''}: what runs is not what is written down`,
      evidence: [{ object: workloadName(workload), path: 'metadata.managedFields', value: last.manager }],
      fix: 'Bring the change into the repository and let the pipeline apply it.',
      key: workload.name,
    },
  ];
}

/** What is wrong, or not known, of who puts it there. */
function judgeDelivery(workload: Workload, { state, reason, message, evidence, fix, gaps }: Delivery): Found[] {
  const key = workload.name;
  if (state === 'managed') return [];
  if (reason === 'NOT_READ') return [{ ...unread(gaps, message), key }];
  return [{ status: state === 'unclear' ? 'unknown' : 'warn', reason, message, evidence, fix, key }];
}

function judge(component: Component, facts: Facts): Judgement {
  const blind = facts.ledger.gaps(
    ['pods', 'deployments.apps', 'statefulsets.apps', 'daemonsets.apps'],
    component.namespace,
  );
  if (component.workloads.length === 0)
    return decidedBy<Found['reason']>([
      blind.length > 0
        ? unread(blind, 'Nobody can say what runs behind it')
        : {
            status: 'unknown',
            reason: 'NO_WORKLOAD',
            message: 'nothing runs behind it, so nothing was delivered',
            fix: 'See service-discovery.',
          },
    ]);
  const findings: Found[] = [];
  const evidence: Evidence[] = [];
  let reason: Judgement['reason'] = 'RECONCILED';
  let message = '';
  let managed = true;
  for (const workload of component.workloads) {
    findings.push(...judgeImages(component, workload, isWritten(facts)));
    if (workload.kind === 'Pod' && !isStatic(workload))
      findings.push({
        status: 'fail',
        reason: 'NAKED_POD',
        message: `${workloadName(workload)} is a pod that nothing owns: when it is gone, it stays gone`,
        evidence: [{ object: workloadName(workload), path: 'metadata.ownerReferences', value: 'none' }],
        fix: 'Make it a Deployment (or StatefulSet) with this pod as its template.',
        key: workload.name,
      });
    const delivery = deliveryOf(workload, facts);
    evidence.push(...delivery.evidence);
    if (delivery.state === 'managed') {
      reason = delivery.reason;
      message = delivery.message;
    } else managed = false;
    findings.push(...judgeDelivery(workload, delivery));
    if (workload.kind !== 'Pod') findings.push(...judgeWriters(workload));
  }
  if (blind.length > 0) findings.push(unread(blind, 'Nobody can say what else runs behind it'));
  return { level: managed ? 'wired' : 'configured', reason, message, evidence, findings };
}

export default defineCheck({
  id: 'deployment-automation',
  title: 'Deployment automation ready',
  item: 'Deployment automation ready',
  heading: { long: 'automation', short: 'deploy' },
  reads: {
    needs: ['pods', 'deployments.apps', 'statefulsets.apps', 'daemonsets.apps'],
    uses: [
      'services',
      ...workloadParts,
      'applications.argoproj.io',
      'kustomizations.kustomize.toolkit.fluxcd.io',
      'helmreleases.helm.toolkit.fluxcd.io',
      'apps.kappctrl.k14s.io',
      'bundledeployments.fleet.cattle.io',
      'rootsyncs.configsync.gke.io',
      'reposyncs.configsync.gke.io',
      ...scalingParts,
    ],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown'],
  reasons,
  docs: {
    why: 'A service that anybody can only deploy by hand is deployed rarely, in bulk and differently each time. What runs should be what is written down, put there by a machine that puts it back.',
    judges:
      'Pass: owned by Argo CD, Flux or another reconciler that is ready and automated, or released by Helm (its release annotations); or made by an operator of a resource that Argo CD or Flux lists as its own. Warn: declared and pinned, but nobody demonstrably manages it; a managed-by label alone; an operator makes it of a resource that nobody is seen to deliver; suspended, out of sync, reconciling at this moment, manual sync, a tag that moves, or last written by kubectl edit and the like. Fail: the service’s own container runs `latest` or no tag, or a pod that nothing owns (a static pod is run by its node: a warning). Unknown: what it says owns it lives in another cluster (an Argo CD, Flux or Fleet that this one does not know). Autoscalers and disruption budgets that act on nothing are noted.',
    wrongWhen:
      'A pipeline that runs kubectl apply looks the same as a person who does: both are a warning. Names of field managers can be set to anything and are only supporting evidence.',
    fix: 'Let a pipeline or a GitOps controller apply what is in the repository, with images pinned to a version or digest, automated sync, and nobody editing in the cluster.',
  },
  judge,
  dangling: danglingScalers,
});
