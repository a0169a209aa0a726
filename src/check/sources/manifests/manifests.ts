import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../../errors.ts';
import type { GroupResource, ReadOutcome } from '../../contract.ts';
import { projectionVersion, resources } from '../resources/resources.ts';
import type { KubeObject, Snapshot } from '../snapshot.ts';
import { type Collected, collect, collection } from './collect.ts';
import { type Unrendered, unrendered } from './unrendered.ts';

/** How manifests are read. */
export interface ManifestOptions {
  /** A file that is broken is told, and the rest is judged. */
  keepGoing?: boolean;
}

/**
 * A file or folder of YAML or JSON, read with its subfolders. It shows what somebody wants, never what a cluster has:
 * every list is partial, so its objects count as evidence and nothing follows from what is not there. Charts,
 * kustomizations and templates are not guessed at: each is in the ledger as an error, with the command that renders it.
 *
 * @throws UserError NO_MANIFESTS, UNRENDERED_MANIFESTS, BROKEN_MANIFEST (with file and line)
 */
export async function readManifests(path: string, options: ManifestOptions = {}): Promise<Snapshot> {
  const { folder, names } = await namesIn(path);
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  const { sources, isWithin } = await unrendered(folder, names, read);
  const collected = collection();
  for (const name of names.filter((one) => /\.(ya?ml|json)$/.test(one) && !isWithin(one)))
    collect(await read(name), name, join(folder, name), collected, options);
  if (collected.found.size === 0) {
    const left = [...sources, ...collected.templates];
    throw left[0] ? onlySources(path, left[0], left.length) : (collected.broken[0]?.error ?? nothing(path));
  }
  return snapshotOf(path, collected, sources);
}

/** The same of one text, such as what a renderer writes to standard output. */
export function readManifestText(text: string, name: string, options: ManifestOptions = {}): Snapshot {
  const collected = collection();
  collect(text, name, name, collected, options);
  if (collected.found.size > 0) return snapshotOf(name, collected, []);
  const [template] = collected.templates;
  throw template ? onlySources(name, template, 1) : (collected.broken[0]?.error ?? nothing(name));
}

const snapshotOf = (context: string, collected: Collected, sources: readonly Unrendered[]): Snapshot => ({
  source: { kind: 'manifests', context, version: 'unknown' },
  projection: projectionVersion,
  scope: null,
  reads: [
    ...resources.map(({ part }) => outcomeOf(part, collected.found.get(part)?.size ?? 0)),
    ...sources.map(notRead),
    ...unreadIn(collected),
  ],
  objects: objectsOf(collected),
  places: collected.places,
});

/** By part, each sorted by namespace and name. */
export const objectsOf = ({ found }: Collected): Map<GroupResource, KubeObject[]> =>
  new Map(
    [...found].map(([part, objects]) => [
      part,
      [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
    ]),
  );

/** What of the files could not be taken for objects. */
export const unreadIn = ({ templates, broken, foreign }: Collected): ReadOutcome[] => [
  ...templates.map(notRead),
  ...broken.map(({ path, why }) => failed(path, `it is not YAML: ${why}`)),
  ...foreign.map(({ path, what }) => failed(path, what)),
];

const outcomeOf = (part: GroupResource, count: number): ReadOutcome =>
  count > 0
    ? { resource: part, outcome: 'partial', count, detail: 'a folder of manifests is no cluster' }
    : { resource: part, outcome: 'skipped', count: 0, detail: 'not in the folder' };

const failed = (path: string, detail: string): ReadOutcome => ({ resource: path, outcome: 'error', count: 0, detail });

const notRead = ({ path, what, command }: Unrendered): ReadOutcome =>
  failed(path, command ? `${what}: judge what it renders to, ${command}` : `${what}: judge what it renders to`);

/** Every file below the folder, sorted; or the one file that was named. */
async function namesIn(path: string): Promise<{ folder: string; names: string[] }> {
  const exists = await stat(path).catch(() => undefined);
  if (!exists) throw nothing(path);
  if (exists.isFile()) return { folder: dirname(path), names: [basename(path)] };
  const names = await readdir(path, { recursive: true });
  return { folder: path, names: names.filter((name) => !name.split(/[\\/]/).includes('node_modules')).sort() };
}

const nothing = (path: string) =>
  new UserError({
    code: 'NO_MANIFESTS',
    what: `${path} holds nothing to judge`,
    why: 'It is neither a recording nor a folder with Kubernetes objects in *.yaml, *.yml or *.json.',
    fix: 'Name a recording (msvc check-cluster --record FOLDER) or a folder of rendered manifests: --from FOLDER',
  });

const onlySources = (path: string, { path: inside, what, command }: Unrendered, number: number) =>
  new UserError({
    code: 'UNRENDERED_MANIFESTS',
    what: `${path} holds no manifests, only what they are made from`,
    why: `${inside === '.' ? 'It' : inside} is ${what}${number > 1 ? `, and ${number - 1} more like it` : ''}: what it leaves open cannot be judged.`,
    fix: command
      ? `Render it, and judge that: ${command} > rendered.yaml, then msvc check-cluster --from rendered.yaml`
      : 'Render it with the tool it is written for, and judge that: msvc check-cluster --from rendered.yaml',
  });
