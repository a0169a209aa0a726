import { label } from '../../marks.ts';
import type { Evidence } from '../contract.ts';
import { sharingOf } from '../inventory/data/shared-stores.ts';
import { type BoundedContext, boundedContextOf } from '../inventory/declared/bounded-context.ts';
import { ownershipWords } from '../inventory/declared/ownership-keys.ts';
import { argoApplications } from '../inventory/delivery/argo-applications.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { nameOf } from '../inventory/kubernetes/types.ts';
import { readyPods, type Workload, workloadName, workloadParts } from '../inventory/kubernetes/workloads.ts';
import { daprChannel } from '../inventory/traffic/dapr.ts';
import { hasReadyEndpoints } from '../inventory/traffic/endpoint-slices.ts';
import { isPlanned } from '../inventory/written.ts';
import { defineCheck, notApplicable, unread } from './define/define-check.ts';
import { patchOf } from './define/patch.ts';
import { unclearClass } from './define/unclear-class.ts';
import { judgeCycle } from './service-boundaries/cycle.ts';
import { judgeOffers } from './service-boundaries/offers.ts';
import { type Found, type Judgement, reasons } from './service-boundaries/reasons.ts';
import { neighboursIn, secretsWithAddress, sharedSecrets } from './service-boundaries/secrets.ts';
import { judgeSharing } from './service-boundaries/sharing.ts';
import { judgeVolumes } from './service-boundaries/volumes.ts';

const argoMarks = ['argocd.argoproj.io/tracking-id', 'argocd.argoproj.io/instance'];
const parts = ['services', 'pods', 'deployments.apps', 'statefulsets.apps', 'configmaps'] as const;

/** Why it is not judged; undefined where it is. */
function judgeClass(component: Component, facts: Facts): Judgement | undefined {
  const classification = facts.classOf(component);
  if (classification.class !== 'application')
    return notApplicable(
      'NOT_AN_APPLICATION',
      `a ${classification.class === 'store' ? 'data store' : 'broker'}: boundaries are those of the services that use it`,
    );
  const { judged, everywhere } = neighboursIn(facts);
  const isSeen =
    facts.ledger.gaps(parts, component.namespace).length === 0 &&
    !facts.isShared(component.namespace) &&
    classification.certain;
  return judged === 1 && everywhere === 1 && isSeen
    ? notApplicable('SINGLE_SERVICE', 'the only service: there is nothing to draw a boundary against')
    : undefined;
}

/** What an Application of Argo CD writes on what it holds; charts write the last one too, and Helm says where it did. */
const isMarked = ({ labels, annotations }: Workload): boolean =>
  argoMarks.some((key) => key in labels || key in annotations) ||
  ('app.kubernetes.io/instance' in labels && !('meta.helm.sh/release-name' in annotations));

/** Where Applications were not read, one may say where a workload belongs that bears their marks. */
function judgeApplications(component: Component, facts: Facts): Found[] {
  const blind = component.workloads.some(isMarked) ? facts.ledger.gaps([argoApplications]) : [];
  return blind.length > 0 ? [unread(blind, 'Nobody can say whether an Application of Argo CD holds it')] : [];
}

const notDeclared = (component: Component): Found => ({
  status: 'warn',
  reason: 'NOT_DECLARED',
  message: 'nothing says which bounded context it belongs to; nothing contradicts that it has one either',
  evidence: [
    ...component.workloads.map((workload) => workloadName(workload)),
    ...(component.primaryService ? [nameOf(component.primaryService)] : []),
  ]
    .slice(0, 1)
    .map((object) => ({ object, path: 'metadata.labels', value: `neither ${label.partOf} nor another sign` })),
  fix: 'Label it: app.kubernetes.io/part-of: <system>, or annotate the pod template with msvc.dev/context: <context>.',
  ...labelled(component),
});

/** Its namespace as its system, where that is a name that somebody chose. */
function labelled({ namespace, workloads: [workload] }: Component): { patch?: string } {
  if (!workload?.object || namespace === 'default') return {};
  return { patch: patchOf(workload.object, { metadata: { labels: { [label.partOf]: namespace } } }) };
}

/** Secrets that may hold the address of a store of others: all that is known of it is that they read them too. */
function judgeSecrets(component: Component, facts: Facts, declared: BoundedContext | undefined): Found[] {
  const secrets = secretsWithAddress(component, facts);
  const shared = sharedSecrets(component, secrets, sharingOf(component, facts), facts);
  const found = shared.map(
    ({ name, others }): Found => ({
      status: 'note',
      reason: 'SHARED_SECRET',
      message: `the Secret ${name} also gives settings to ${others.join(', ')}; if it holds a database's address, they share that`,
      evidence: [{ object: `Secret ${component.namespace}/${name}`, path: 'metadata.name' }],
      fix: 'Give each service a login of its own.',
      key: name,
    }),
  );
  if (declared && shared.length > 0)
    found.push({
      status: 'unknown',
      reason: 'STORE_HIDDEN',
      message: 'a Secret that other services use too may hold the address of a shared database',
      fix: 'Put addresses (not passwords) in plain settings, or give each service a Secret of its own.',
    });
  const hidden = secrets.length > 0 && !facts.edgesFrom(component).some(({ style }) => style === 'store');
  if (!declared && hidden && facts.hiddenFrom(component, parts, 'business').length === 0)
    found.push({
      status: 'note',
      reason: 'STORE_HIDDEN',
      message: 'settings come from Secrets, which are never read: a store that it shares would not be visible',
    });
  return found;
}

const noService = (component: Component): Found => ({
  status: 'note',
  reason: 'NO_SERVICE',
  message: daprChannel(component) ? 'it has no Service: it is called through Dapr' : 'it has no Service: a worker',
});

function judge(component: Component, facts: Facts): Judgement {
  const left = judgeClass(component, facts);
  if (left) return left;
  const declared = boundedContextOf(component, facts);
  const alive = component.primaryService
    ? hasReadyEndpoints(facts, component.primaryService) === true
    : isPlanned(component, facts) || component.workloads.some((workload) => readyPods(workload).length > 0);
  const lost = facts.hiddenFrom(component, parts, 'business');
  const evidence: Evidence[] = [
    ...(declared ? [declared.evidence] : []),
    ...component.workloads.map((workload) => ({ object: workloadName(workload), path: 'metadata.name' })),
    ...(component.primaryService ? [{ object: nameOf(component.primaryService), path: 'spec.selector' }] : []),
  ];
  const findings: Found[] = [
    ...sharingOf(component, facts).map((sharing) => judgeSharing(sharing, component, facts)),
    ...judgeVolumes(component, facts),
    ...judgeCycle(component, facts),
    ...judgeSecrets(component, facts, declared),
    ...judgeOffers(component, facts, declared !== undefined),
    ...(declared ? [] : [notDeclared(component), ...judgeApplications(component, facts)]),
    ...(declared && !component.primaryService ? [noService(component)] : []),
    ...(lost.length > 0 ? [unread(lost, 'Nobody can say whether others share its data')] : []),
    ...(facts.classOf(component).certain ? [] : [unclearClass(component, facts)]),
    ...(declared && !alive
      ? [{ status: 'note', reason: 'NOT_RUNNING', message: 'none of its pods is ready' } as const]
      : []),
  ];
  return {
    level: alive ? 'observed' : 'wired',
    reason: 'OWN_WORKLOAD_AND_CONTEXT',
    message: `its own workload, no store that other applications use, and a declared context (${declared?.value ?? ''})`,
    evidence,
    findings,
  };
}

export default defineCheck({
  id: 'service-boundaries',
  title: 'Service boundaries defined (bounded contexts)',
  item: 'Service boundaries defined (bounded contexts)',
  heading: { long: 'boundaries', short: 'bounds' },
  reads: {
    needs: ['services', 'pods', 'deployments.apps', 'statefulsets.apps', 'configmaps'],
    uses: [...workloadParts, 'endpointslices.discovery.k8s.io', 'persistentvolumeclaims', argoApplications],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'A service whose data others read or write cannot be changed, scaled or restored alone: it is a part of something larger, with a network in between.',
    judges: `Boundaries cannot be seen as such. Judged is what is declared and what contradicts it. These labels and annotations, of the workload, its pods or its Service, declare a context or an owner: ${ownershipWords}; so does an Application of Argo CD whose status lists it. Pass: own workload, no store shared with another application, context declared. Processes of one application (one image, started in two ways, with the same part-of, instance, chart or release) are one. Warn: not declared and nothing contradicts; one database of services that declare the same context, or in which each has a schema or login of its own; one server shared by different databases, or nobody can tell; one volume that two services mount; a circle of synchronous calls. Fail: two services on the same database, proven by address and database name, or by one key of a Secret that both read as its address. Unknown: a Secret that others use too may hold an address (keys, certificates and passwords hold none), or one list of addresses is given to several, and who uses its store is not visible.`,
    wrongWhen:
      'Addresses in Secrets and in code are not visible; what a value of a Secret is, is read from its name. Read replicas, a CQRS pair or a migration job may share a database on purpose. A part-of label that names the whole system says little about contexts.',
    fix: 'Give each service its own database and login, let others ask it or follow its events, and declare the context with msvc.dev/context or app.kubernetes.io/part-of.',
  },
  judge,
});
