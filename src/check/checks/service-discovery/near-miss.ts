import { editDistance } from '../../../nearest.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { isPlaceholder } from '../../inventory/kubernetes/placeholders.ts';
import type { Labels } from '../../inventory/kubernetes/selectors.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
import { type Workload, workloadName } from '../../inventory/kubernetes/workloads.ts';
import { patchOf } from '../define/patch.ts';
import type { Found } from './reasons.ts';

/**
 * A Service of a folder whose selector finds nothing there, beside a workload that it would find but for a letter or two.
 * Without such a one nothing is said: what it selects may be written down elsewhere.
 */
export function nearMiss(component: Component, facts: Facts): Found | undefined {
  const { primaryService: service, detached, workloads } = component;
  if (facts.source.kind !== 'manifests' || !service || (workloads.length > 0 && !detached)) return undefined;
  const selector = service.spec.selector ?? {};
  if (Object.values(selector).some(isPlaceholder)) return undefined;
  const missed = [...workloads, ...unselected(component.namespace, facts)]
    .map((workload) => ({ workload, key: oddLabel(selector, workload.podLabels) }))
    .find(({ key }) => key !== undefined);
  if (missed?.key === undefined) return undefined;
  const { workload, key } = missed;
  const [object, other] = [nameOf(service), workloadName(workload)];
  const meant = workload.podLabels[key] ?? '';
  return {
    status: 'warn',
    reason: 'SELECTOR_MISSES',
    message: `its selector asks for ${key}=${selector[key]}, nothing in the folder has that, and the pods of ${other} have ${key}=${meant}`,
    evidence: [
      { object, path: 'spec.selector', value: `${key}=${selector[key]}` },
      { object: other, path: `${workload.metadataPath}.labels`, value: `${key}=${meant}` },
    ],
    fix: `Write ${key}: ${meant} in spec.selector, if these are the pods that are meant.`,
    patch: patchOf(service, { spec: { selector: { ...selector, [key]: meant } } }),
  };
}

/** Workloads that no Service of the folder leads to. */
const unselected = (namespace: string, { components }: Facts): Workload[] =>
  components
    .filter((other) => other.namespace === namespace && !other.primaryService && other.sharedServices.length === 0)
    .flatMap(({ workloads }) => workloads)
    .filter(({ kind }) => !kind.endsWith('Job'));

/** The one label that differs, and differs as a slip of the pen does. */
function oddLabel(selector: Labels, labels: Labels): string | undefined {
  const odd = Object.keys(selector).filter((key) => selector[key] !== labels[key]);
  const [key, more] = odd;
  if (key === undefined || more !== undefined) return undefined;
  return isSlip(selector[key] ?? '', labels[key] ?? '') ? key : undefined;
}

/** `web-1` and `web-2`, or `shop-a` and `shop-b`, are two names; `order` and `orders` are one, written twice. */
function isSlip(a: string, b: string): boolean {
  if (Math.min(a.length, b.length) < 4 || a.replace(/\d+/g, '') === b.replace(/\d+/g, '')) return false;
  const distance = editDistance(a, b);
  if (distance > 2) return false;
  const [left, right] = [a.split(/[-._]/), b.split(/[-._]/)];
  if (left.length !== right.length) return distance === 1;
  return left.every((part, index) => {
    const other = right[index] ?? '';
    return part === other || Math.min(part.length, other.length) >= 3;
  });
}
