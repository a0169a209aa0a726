import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EventType } from '../src/platform/events/event.ts';
import { root } from '../src/root.ts';

/** All events that files in src/events/ define; none where nobody has added one yet. */
export async function findEvents(): Promise<EventType[]> {
  const folder = join(root, 'events');
  const files = (await readdir(folder).catch(() => [])).filter((file) => /(?<!\.d)\.[jt]s$/.test(file)).sort();
  const modules: Record<string, unknown>[] = await Promise.all(
    files.map((file) => import(pathToFileURL(join(folder, file)).href)),
  );
  return modules.flatMap((module) => Object.values(module)).filter(isEvent);
}

const isEvent = (value: unknown): value is EventType =>
  typeof (value as EventType | null | undefined)?.dataschema === 'string';

/** The schema as other teams read it. */
export const contractOf = ({ type, dataschema, schema }: EventType): unknown => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: dataschema,
  title: type,
  ...JSON.parse(JSON.stringify(schema)),
});

export const contractFile = ({ type }: EventType): string => `contracts/events/${type}.json`;

export async function readContract(event: EventType): Promise<unknown> {
  const text = await readFile(contractFile(event), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
