import { nameOf } from '../kube.ts';
import type { BreakerTechnology } from './breaker.ts';

const accrual = 'balancer.linkerd.io/failure-accrual';
const setting = (name: string): string => `${accrual}-consecutive-${name}`;

/** "10s", "1m30s", "500ms" in milliseconds. */
function duration(text: string): number | undefined {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) return undefined;
  return parts.reduce((sum, [, digits, unit]) => sum + Number(digits) * (units[unit ?? ''] ?? 0), 0);
}

/** What makes the policy controller throw the whole configuration away, with no more than a line in its log. */
function mistake(annotations: Readonly<Record<string, string>>): string | undefined {
  const mode = annotations[accrual] ?? '';
  if (mode !== 'consecutive' && mode !== 'unified')
    return `Linkerd knows "consecutive" and "unified", not "${mode}", and then uses no breaker at all`;
  const failures = annotations[setting('max-failures')];
  if (failures !== undefined && !/^\d+$/.test(failures))
    return `max-failures "${failures}" is no number, so the whole annotation is ignored`;
  const [min, max] = [annotations[setting('min-penalty')] ?? '1s', annotations[setting('max-penalty')] ?? '60s'].map(
    duration,
  );
  if (min === undefined || max === undefined) return 'a penalty is no duration, so the whole annotation is ignored';
  return min > max ? 'min-penalty is greater than max-penalty, so the whole annotation is ignored' : undefined;
}

export const linkerd: BreakerTechnology = {
  name: 'Linkerd',
  mesh: 'linkerd',
  parts: [],
  guards: ({ service }) => {
    const annotations = service?.metadata.annotations ?? {};
    if (!service || !Object.hasOwn(annotations, accrual)) return [];
    const inert = mistake(annotations);
    const evidence = {
      object: nameOf(service),
      path: `metadata.annotations["${accrual}"]`,
      value: annotations[accrual] ?? '',
    };
    return [{ technology: 'Linkerd failure accrual', kind: 'trips', evidence, ...(inert ? { inert } : {}) }];
  },
};
