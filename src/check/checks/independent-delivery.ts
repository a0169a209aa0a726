import type { Evidence, GroupResource } from '../contract.ts';
import { isOneApplication } from '../inventory/declared/one-application.ts';
import { argoApplications } from '../inventory/delivery/argo-applications.ts';
import { reconcilers } from '../inventory/delivery/reconcilers.ts';
import { broughtWith, type DeliveryUnit, namespacesOf, unitsOf } from '../inventory/delivery/units.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { mainContainer } from '../inventory/graph/main-container.ts';
import { imageOf, imageReference, isFloating, isUnpinned } from '../inventory/kubernetes/images.ts';
import { workloadName, workloadParts } from '../inventory/kubernetes/workloads.ts';
import { memoizeByIdentity } from '../inventory/memoize.ts';
import { isWritten } from '../inventory/written.ts';
import { decidedBy, defineCheck, notApplicable, unread } from './define/define-check.ts';
import { type Found, type Judgement, reasons } from './independent-delivery/reasons.ts';

/** The tag that says which version runs. A digest alone does not: those of two images always differ. */
const versionOf = memoizeByIdentity((component: Component): string | undefined => {
  const container = mainContainer(component);
  const reference = imageReference((container && imageOf(container, component.workloads)) ?? '');
  return isUnpinned(reference) || isFloating(reference) ? undefined : reference.tag;
});

function imageEvidence(component: Component): Evidence[] {
  const container = mainContainer(component);
  const workload = component.workloads.find(({ spec }) => container && spec.containers.includes(container));
  if (!workload || !container) return [];
  const path = `${workload.specPath}.containers[${workload.spec.containers.indexOf(container)}].image`;
  return [{ object: workloadName(workload), path, value: container.image ?? '' }];
}

/** "orders, stock and 3 more" */
function namesOf(components: readonly Component[]): string {
  const names = components.slice(0, 4).map(({ name }) => name);
  const more = components.length > 4 ? ` and ${components.length - 4} more` : '';
  return `${names.join(', ')}${more}`;
}

const fixes = {
  version:
    'Give it an Application, Kustomization or release of its own, or at least an image tag that its own pipeline sets.',
  release: 'Give each a release of its own (helm upgrade --install NAME CHART), which goes forward and back alone.',
};

/** Other services that the same brings; a worker of the same image is none. */
const othersOf = (component: Component, unit: DeliveryUnit, facts: Facts): Component[] =>
  broughtWith(component, unit, facts).filter((other) => !isOneApplication(component, other));

/** What is brought with it, and whether that moves when it moves. */
function judgeUnit(component: Component, unit: DeliveryUnit, facts: Facts): Found[] {
  const key = unit.name;
  if (unit.hearsay !== undefined) return [judgeHearsay(unit, unit.hearsay, facts)];
  const others = othersOf(component, unit, facts);
  const found = others.length === 0 ? [] : judgeOthers(component, unit, others);
  const places = new Set([component.namespace, ...namespacesOf(unit)]);
  const gaps = [...places].flatMap((namespace) => facts.ledger.gaps(workloadParts, namespace));
  const hidden: Found[] =
    gaps.length > 0 ? [{ ...unread(gaps, `Nobody can say what else ${unit.name} brings`), key, atWorst: 'warn' }] : [];
  return [...found, ...hidden];
}

function judgeHearsay({ name, evidence }: DeliveryUnit, part: GroupResource, facts: Facts): Found {
  const gaps = facts.ledger.gaps([part]);
  const base = { evidence: [evidence], key: name };
  if (gaps.length > 0) return { ...unread(gaps, `Nobody can say what else ${name} brings`), ...base, atWorst: 'warn' };
  return {
    ...base,
    status: 'unknown',
    reason: 'DELIVERED_ELSEWHERE',
    message: `${name} brings it, which is not in this cluster: what else it brings is not visible`,
    fix: 'Judge the cluster that it lives in as well.',
    atWorst: 'warn',
  };
}

function judgeOthers(component: Component, { name, isRelease, evidence }: DeliveryUnit, others: Component[]): Found[] {
  const with_ = `${name} brings it together with ${namesOf(others)}`;
  const warn = (reason: Found['reason'], message: string, more: Evidence[] = []): Found[] => [
    {
      status: 'warn',
      reason,
      message,
      evidence: [evidence, ...more],
      fix: isRelease ? fixes.release : fixes.version,
      key: name,
    },
  ];
  if (isRelease)
    return warn('ONE_RELEASE', `${with_}: none of them can be released, or taken back, without the others`);
  const version = versionOf(component);
  if (version === undefined)
    return warn('NO_VERSION_OF_ITS_OWN', `${with_}, and its image names no version`, imageEvidence(component));
  const same = others.filter((other) => versionOf(other) === version);
  return same.length === 0
    ? []
    : warn(
        'ONE_VERSION',
        `${with_}, and version ${version} is also that of ${namesOf(same)}`,
        imageEvidence(component),
      );
}

function judge(component: Component, facts: Facts): Judgement | undefined {
  if (facts.classOf(component).class !== 'application')
    return notApplicable('NOT_AN_APPLICATION', 'a data store or broker: nobody releases features of it');
  const units = unitsOf(component, facts);
  const [first] = units;
  if (!first) {
    // Argo CD alone leaves no mark of its own on everything: its list says what it holds.
    const mayBeHeld = component.workloads.length > 0 && !isWritten(facts);
    const gaps = mayBeHeld ? facts.ledger.gaps([argoApplications]) : [];
    const hidden = { ...unread(gaps, 'Nobody can say who delivers it'), atWorst: 'warn' } as const;
    return gaps.length > 0 ? decidedBy<Found['reason']>([hidden]) : undefined;
  }
  const findings = units.flatMap((unit) => judgeUnit(component, unit, facts));
  if (findings.length > 0) return decidedBy(findings);
  const alone = units.every((unit) => othersOf(component, unit, facts).length === 0);
  const names = units.map(({ name }) => name).join(' and ');
  const evidence = units.map((unit) => unit.evidence);
  return alone
    ? { level: 'wired', reason: 'DELIVERED_ALONE', message: `${names} brings it and no other service`, evidence }
    : {
        level: 'wired',
        reason: 'VERSION_OF_ITS_OWN',
        message: `${names} brings several services, and its version is that of no other`,
        evidence: [...evidence, ...imageEvidence(component)],
      };
}

export default defineCheck({
  id: 'independent-delivery',
  title: 'Delivered independently',
  item: 'Automate deployment',
  kind: 'practice',
  heading: { long: 'delivery', short: 'deliv' },
  shownBy: 'Argo CD, Flux, Helm or another that is seen to deliver a service',
  reads: {
    needs: [],
    uses: ['pods', 'services', 'configmaps', ...workloadParts, ...reconcilers.map(({ part }) => part)],
  },
  verdicts: ['pass', 'warn', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'Services that can only be released together are one program with a network inside: a fault in one holds all of them back, and a rollback of one takes the others with it. Each should have its own pipeline, version and way back.',
    judges:
      'Where somebody is seen who delivers (Argo CD, Flux, Helm and the like); else it is not looked at, and in no count. Pass: what brings it brings no other service, or brings several of which its image carries a version that none of the others has. Warn: one Helm release over several services; others that are brought with it carry the same version; no version at all. Never a fail. Processes of one application (one image, another command) count as one. Data stores and brokers do not apply.',
    wrongWhen:
      'Two services that happen to have the same number (1.0.0 of both) look as if released together; and where every commit rebuilds all of them with tags of their own, they look apart and are not. A chart over charts may still be upgraded one at a time by hand.',
    fix: 'One Application, Kustomization or Helm release for each service, and a pipeline for each that sets its own image tag. Where one repository holds all of them, build and tag only what changed.',
  },
  judge,
});
