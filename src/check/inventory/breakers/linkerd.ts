import { append } from '../../../multimap.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import type { Edge } from '../graph/edges.ts';
import { portOf } from '../graph/edges.ts';
import { at, items, text } from '../kubernetes/fields.ts';
import { nameOf } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';
import type { Breaker, BreakerTechnology } from './breaker.ts';

const accrual = 'balancer.linkerd.io/failure-accrual';
const setting = (name: string): string => `${accrual}-consecutive-${name}`;
const profiles = 'serviceprofiles.linkerd.io';

/** "10s", "500ms" in milliseconds: one number and one unit, as the policy controller reads it. */
function duration(text: string): number | undefined {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  const [, digits, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  return digits && unit ? Number(digits) * (units[unit] ?? 0) : undefined;
}

/** What makes the policy controller throw the whole configuration away, with no more than a line in its log. */
function mistake(annotations: Readonly<Record<string, string>>): string | undefined {
  const mode = annotations[accrual] ?? '';
  if (mode !== 'consecutive' && mode !== 'unified')
    return `Linkerd knows "consecutive" and "unified", not "${mode}", and then uses no breaker at all`;
  const failures = annotations[setting('max-failures')];
  if (failures !== undefined && !/^\d+$/.test(failures))
    return `max-failures "${failures}" is no number, so the whole annotation is ignored`;
  const jitter = annotations[setting('jitter-ratio')];
  if (jitter !== undefined && !/^\d+(\.\d+)?$/.test(jitter))
    return `jitter-ratio "${jitter}" is no number, so the whole annotation is ignored`;
  const [min, max] = [annotations[setting('min-penalty')] ?? '1s', annotations[setting('max-penalty')] ?? '60s'].map(
    duration,
  );
  if (min === undefined || max === undefined) return 'a penalty is no duration, so the whole annotation is ignored';
  if (min > max) return 'min-penalty is greater than max-penalty, so the whole annotation is ignored';
  const threshold = annotations['balancer.alpha.linkerd.io/failure-accrual-success-rate-threshold'];
  return mode === 'unified' && Number(failures) === 0 && threshold !== undefined && Number(threshold) === 0
    ? 'both max-failures and the success rate are 0, so nothing opens it'
    : undefined;
}

/** Profiles by the Service that they are named after, in any cluster domain: "orders.shop". */
const profilesByService = perRun((facts): ReadonlyMap<string, readonly KubeObject[]> => {
  const found = new Map<string, KubeObject[]>();
  for (const profile of facts.list(profiles)) {
    const service = /^([^.]+\.[^.]+)\.svc\./.exec(profile.metadata.name)?.[1];
    if (service) append(found, service, profile);
  }
  return found;
});

/** Profiles of a Service that Linkerd heeds: in its namespace or the caller's. */
function profilesOf({ from, service }: Edge, facts: Facts): readonly KubeObject[] {
  const { name, namespace } = service?.metadata ?? {};
  return (profilesByService(facts).get(`${name}.${namespace}`) ?? []).filter(
    ({ metadata }) => metadata.namespace === namespace || metadata.namespace === from.namespace,
  );
}

/** Timeouts and retries of a profile's routes: the first of each profile is evidence enough. */
function limitsOf(profile: KubeObject): Breaker[] {
  const routes = items(at(profile, 'spec', 'routes'));
  for (const [index, route] of routes.entries()) {
    const field = text(at(route, 'timeout'))
      ? 'timeout'
      : at(route, 'isRetryable') === true
        ? 'isRetryable'
        : undefined;
    if (field) {
      const evidence = {
        object: nameOf(profile),
        path: `spec.routes[${index}].${field}`,
        value: String(at(route, field)),
      };
      return [{ technology: 'Linkerd ServiceProfile', kind: 'limits', evidence }];
    }
  }
  return [];
}

export const linkerd: BreakerTechnology = {
  name: 'Linkerd',
  mesh: 'linkerd',
  parts: [profiles],
  guards: (edge, facts) => {
    const { service } = edge;
    if (!service) return [];
    const annotations = service.metadata.annotations ?? {};
    const object = nameOf(service);
    const own = profilesOf(edge, facts);
    const found: Breaker[] = own.flatMap(limitsOf);
    if (Object.hasOwn(annotations, accrual)) {
      const [profile] = own;
      const opaque = (annotations['config.linkerd.io/opaque-ports'] ?? '').split(',').map((port) => Number(port));
      const inert =
        mistake(annotations) ??
        (profile
          ? `${nameOf(profile)} exists, and Linkerd breaks no circuits for a service that has one`
          : undefined) ??
        (opaque.includes(portOf(edge) ?? -1)
          ? 'its port is opaque to Linkerd, which then sees no failures'
          : undefined);
      // A profile that was not read would switch it off.
      const unclear =
        !inert &&
        [service.metadata.namespace, edge.from.namespace].some(
          (namespace) => !facts.ledger.complete(profiles, namespace),
        );
      const evidence = { object, path: `metadata.annotations["${accrual}"]`, value: annotations[accrual] ?? '' };
      found.push({
        technology: 'Linkerd failure accrual',
        kind: 'trips',
        evidence,
        ...(inert ? { inert } : {}),
        ...(unclear ? { unclear } : {}),
      });
    }
    const limit = Object.keys(annotations).find((key) => /^(timeout|retry)\.linkerd\.io\//.test(key));
    if (limit)
      found.push({
        technology: 'Linkerd timeouts and retries',
        kind: 'limits',
        evidence: { object, path: `metadata.annotations["${limit}"]`, value: annotations[limit] ?? '' },
      });
    return found;
  },
};
