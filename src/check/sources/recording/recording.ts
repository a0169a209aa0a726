import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../../errors.ts';
import type { GroupResource, PodObservation, ReadOutcome } from '../../contract.ts';
import { projection } from '../resources/projection.ts';
import { projectionVersion, type Resource, resourceOf } from '../resources/resources.ts';
import type { KubeObject, Snapshot } from '../snapshot.ts';
import { withNewerKinds } from './newer-kinds.ts';
import { observationIn } from './observations.ts';
import { redact } from './redact.ts';

const schema = 'msvc.recording/1';
const header = 'recording.json';
/** Beside the lists: no resource is called so. */
const shown = 'observations.ndjson';

export const isRecording = (folder: string): boolean => existsSync(join(folder, header));

/**
 * Writes a snapshot, redacted, as `recording.json` and one NDJSON file a resource.
 *
 * @throws UserError RECORDING_FOLDER_NOT_EMPTY
 */
export async function writeRecording(snapshot: Snapshot, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new UserError({
      code: 'RECORDING_FOLDER_NOT_EMPTY',
      what: `${folder} is not empty`,
      why: 'A recording gets a folder of its own, so that nothing of an older one stays in it.',
      fix: 'Name another folder: msvc check-cluster --record FOLDER',
    });
  }
  const { source, scope, served, reads, objects, observations } = redact(snapshot);
  const lines = (list: readonly unknown[]): string => list.map((one) => `${JSON.stringify(one)}\n`).join('');
  for (const [part, list] of objects) if (list.length > 0) await writeFile(join(folder, `${part}.ndjson`), lines(list));
  if (observations) await writeFile(join(folder, shown), lines(observations));
  // Last: a folder without it is no recording, so a killed run leaves nothing that could be judged.
  const document = {
    schema,
    projection: snapshot.projection,
    source,
    scope,
    served,
    reads,
    observations: observations?.length,
  };
  await writeFile(join(folder, header), `${JSON.stringify(document, null, 2)}\n`);
}

/**
 * Reads what `writeRecording` wrote, by this version or an older one. Fields that the older one did not keep make their
 * lists partial, and so do kinds that it did not know, unless the cluster did not serve them: nothing is then concluded
 * from their absence.
 *
 * @throws UserError BROKEN_RECORDING, NEWER_RECORDING
 */
export async function readRecording(folder: string): Promise<Snapshot> {
  const file = join(folder, header);
  const document = fieldsOf(parseJson(await text(file), file));
  if (document.schema !== schema) throw foreign(file, document.schema);
  const recorded = typeof document.projection === 'number' ? document.projection : 0;
  if (recorded > projectionVersion) throw newer(file);
  const reads = outcomes(document.reads, file);
  const objects = new Map<GroupResource, KubeObject[]>();
  for (const part of new Set(reads.map(({ resource }) => resource))) {
    const resource = resourceOf.get(part);
    // A part that only another version knows cannot be judged by this one.
    if (!resource) continue;
    const found = await readObjects(folder, resource);
    // Several reads may bring one object; no read brings more than there are.
    const told = Math.max(...reads.filter((read) => read.resource === part).map(({ count }) => count));
    if (found.length < told)
      throw broken(join(folder, `${part}.ndjson`), `It holds ${found.length} objects, and ${header} tells of ${told}.`);
    objects.set(part, found);
  }
  const source = fieldsOf(document.source);
  const served = servedIn(document.served, file);
  const observations = await readObservations(folder, document.observations);
  return {
    source: { kind: 'recording', context: String(source.context ?? ''), version: String(source.version ?? 'unknown') },
    projection: recorded,
    scope: Array.isArray(document.scope) ? document.scope.map(String) : null,
    ...(served && { served }),
    reads: withNewerKinds(
      reads.map((read) => aged(read, recorded)),
      served,
    ),
    objects,
    ...(observations && { observations }),
  };
}

/** @param told how many there are; absent where no pod was asked */
async function readObservations(folder: string, told: unknown): Promise<PodObservation[] | undefined> {
  if (typeof told !== 'number') return undefined;
  const file = join(folder, shown);
  const lines = (await text(file)).split('\n').filter((line) => line !== '');
  if (lines.length < told) throw broken(file, `It holds ${lines.length} pods, and ${header} tells of ${told}.`);
  return lines.map((line, index) => {
    const where = `${file}:${index + 1}`;
    const found = observationIn(parseJson(line, where));
    if (!found) throw broken(where, 'The line is about no pod.');
    return found;
  });
}

async function readObjects(folder: string, resource: Resource): Promise<KubeObject[]> {
  const file = join(folder, `${resource.part}.ndjson`);
  if (!existsSync(file)) return [];
  const prune = projection(resource.keep);
  return (await text(file)).split('\n').flatMap((line, index) => {
    if (line === '') return [];
    const value = fieldsOf(parseJson(line, `${file}:${index + 1}`));
    const object = prune(value, { apiVersion: String(value.apiVersion), kind: resource.kind });
    if (!object) throw broken(`${file}:${index + 1}`, 'The line holds no object with a name.');
    return [object];
  });
}

const known = new Set(['ok', 'absent', 'forbidden', 'error', 'partial', 'skipped']);

function outcomes(value: unknown, file: string): ReadOutcome[] {
  if (!Array.isArray(value)) throw broken(file, '"reads" is no list.');
  return value.map((item, index) => {
    // The first recordings said `kind`.
    const { kind, resource = kind, namespace, outcome, count, detail } = fieldsOf(item);
    if (typeof resource !== 'string' || typeof outcome !== 'string' || !known.has(outcome)) {
      throw broken(file, `reads[${index}] says nothing of a list.`);
    }
    return {
      resource,
      outcome: outcome as ReadOutcome['outcome'],
      count: typeof count === 'number' ? count : 0,
      ...(typeof namespace === 'string' && { namespace }),
      ...(typeof detail === 'string' && { detail }),
    };
  });
}

/** Absent from the first recordings, and where the server did not tell. */
function servedIn(value: unknown, file: string): Snapshot['served'] {
  if (value === undefined) return undefined;
  const { resources, unanswered } = fieldsOf(value);
  if (!Array.isArray(resources) || !Array.isArray(unanswered)) throw broken(file, '"served" says nothing of what was.');
  return { resources: resources.map(String), unanswered: unanswered.map(String) };
}

function aged(read: ReadOutcome, recorded: number): ReadOutcome {
  const since = resourceOf.get(read.resource)?.since ?? 1;
  if (since <= recorded || read.outcome !== 'ok') return read;
  return { ...read, outcome: 'partial', detail: 'recorded by an older version that kept fewer fields' };
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw broken(file, (error as Error).message);
  }
}

function parseJson(content: string, where: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    // The parser's own message quotes the text.
    throw broken(where, 'It is no whole JSON document.');
  }
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

const broken = (where: string, why: string) =>
  new UserError({
    code: 'BROKEN_RECORDING',
    what: `${where} cannot be read as part of a recording`,
    why,
    fix: 'Record again: msvc check-cluster --record FOLDER',
  });

const foreign = (file: string, found: unknown) =>
  new UserError({
    code: 'BROKEN_RECORDING',
    what: `${file} is no recording that this version reads`,
    why: `Its schema is ${JSON.stringify(found) ?? 'missing'}, not "${schema}".`,
    fix: 'Record again: msvc check-cluster --record FOLDER',
  });

const newer = (file: string) =>
  new UserError({
    code: 'NEWER_RECORDING',
    what: `${file} was written by a newer version`,
    why: 'It may hold what this version does not understand.',
    fix: 'Bring msvc up to date, or record again: msvc check-cluster --record FOLDER',
  });
