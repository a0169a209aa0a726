import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { PodObservation, ReadOutcome } from '../../../src/check/contract.ts';
import { projectionVersion, resources } from '../../../src/check/sources/resources/resources.ts';
import type { KubeObject, Snapshot } from '../../../src/check/sources/snapshot.ts';
import { filesBelow, root } from '../../repo/support/imports.ts';
import { settled } from './settled.ts';

interface Header {
  /** GroupResource id → what became of reading it. Everything else is `ok`; kinds of other projects that the file does not use are absent. */
  reads?: Record<string, ReadOutcome['outcome']>;
  scope?: string[];
  /** What pods showed when they were asked; a pod that this makes is called `<workload>-<number>`. */
  observations?: PodObservation[];
  /** True: the objects are all there is; no controller has been at work. */
  raw?: boolean;
}

const builtInGroups = new Set(['', 'apps', 'batch', 'autoscaling', 'policy', 'networking.k8s.io', 'discovery.k8s.io']);

export const partOf = ({ apiVersion, kind }: KubeObject): string => {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  const row = resources.find((resource) => resource.kind === kind && resource.group === group);
  return row?.part ?? `${kind.toLowerCase()}s${group ? `.${group}` : ''}`;
};

/** Objects as a snapshot: as a source would have read them, with the outcomes that the header names. */
export function snapshotOf(
  objects: readonly KubeObject[],
  { reads = {}, scope, observations, raw = false }: Header = {},
): Snapshot {
  const all = raw ? objects : settled(objects);
  const byPart = new Map<string, KubeObject[]>();
  for (const object of all) {
    const part = partOf(object);
    byPart.set(part, [...(byPart.get(part) ?? []), object]);
  }
  const lost = (part: string): boolean =>
    reads[part] !== undefined && reads[part] !== 'ok' && reads[part] !== 'partial';
  for (const part of byPart.keys()) if (lost(part)) byPart.delete(part);
  return {
    source: { kind: 'recording', context: 'fixture', version: 'v1.36.0' },
    projection: projectionVersion,
    scope: scope ?? null,
    ...(observations ? { observations } : {}),
    reads: resources.map(({ part, group }) => ({
      resource: part,
      outcome: reads[part] ?? (builtInGroups.has(group) || byPart.has(part) ? 'ok' : 'absent'),
      count: byPart.get(part)?.length ?? 0,
    })),
    objects: new Map([...byPart].map(([part, list]) => [part, sorted(list)])),
  };
}

const sorted = (list: KubeObject[]): KubeObject[] =>
  list.sort((a, b) => {
    const [left, right] = [a, b].map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`) as [
      string,
      string,
    ];
    return left < right ? -1 : left > right ? 1 : 0;
  });

const clusterWide = new Set(['Namespace', 'Node', 'IngressClass', 'GatewayClass']);

export function objectsIn(text: string, namespace = 'shop'): { header: Header; objects: KubeObject[] } {
  const documents = parseAllDocuments(text, { uniqueKeys: false }).map((document) => document.toJS());
  const present = documents.filter((document) => document !== null && document !== undefined);
  const header: Header = present[0] && !present[0].kind ? present.shift() : {};
  const objects = present
    .flatMap((document) => (document.kind === 'List' ? document.items : [document]))
    .map((object) => ({
      ...object,
      metadata: {
        ...(clusterWide.has(object.kind) ? {} : { namespace }),
        ...object.metadata,
      },
    }));
  return { header, objects };
}

/**
 * Every fixture of a check, the whole systems and the cases from the field, as paths from the top of the repository. What
 * is written afterwards is no whole object, and what only kubectl's reader of YAML understands is not for this one.
 */
export const fixtures = ['checks', 'systems', 'field-cases']
  .flatMap((folder) => filesBelow(`test/check/${folder}`))
  .filter((path) => path.endsWith('.yaml') && !/\/after\.yaml$|field-cases\/yaml-/.test(path));

/** A file of objects, by its path from the top of the repository or from anywhere. */
export function readFixture(path: string): Snapshot {
  const { header, objects } = objectsIn(readFileSync(resolve(root, path), 'utf8'));
  return snapshotOf(objects, header);
}
