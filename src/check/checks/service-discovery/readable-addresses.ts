import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
import { readableMaps } from '../../inventory/traffic/readable-maps.ts';
import type { Found } from './reasons.ts';

/**
 * Where no address of another service is visible in what it is given, and a ConfigMap of its own that nobody is given
 * holds some: those may be what it uses, and one of them may lead to nothing.
 */
export function judgeReadable(component: Component, facts: Facts): Found[] {
  const edges = facts.edgesFrom(component).filter(({ offered }) => !offered);
  if (edges.some(({ style }) => style !== 'platform')) return [];
  const [first] = readableMaps(component, facts);
  if (!first) return [];
  const { map, addresses } = first;
  const places = addresses.map(({ key, address: { host, port } }) => ({
    object: nameOf(map),
    path: `data.${key}`,
    value: `${host}${port ? `:${port}` : ''}`,
  }));
  const held = [...new Set(places.map(({ value }) => value))];
  const more = held.length > 3 ? ` and ${held.length - 3} more` : '';
  const visible =
    edges.length > 0 ? 'the only address that it is given is for its telemetry' : 'it is given no address';
  return [
    {
      status: 'unknown',
      reason: 'ADDRESSES_MAY_BE_READ',
      message: `${visible}, and ${nameOf(map)}, which is its own and given to nobody, holds ${held.slice(0, 3).join(', ')}${more}: it may read them through the API`,
      evidence: places.slice(0, 8),
      fix: `Give it ${nameOf(map)} by envFrom or as a file, so that what it uses can be seen; or waive this where it reads it through the API.`,
      atWorst: 'warn',
    },
  ];
}
