import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EventType } from '../src/platform/events/event.ts';
import { root } from '../src/root.ts';
import { type Change, compareSchemas } from './contracts/compare-schemas.ts';
import { readJson } from './contracts/write-json.ts';

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

/** What changed for services that are built on the committed contract; undefined where none is committed yet. */
export async function compareWithContract(event: EventType): Promise<Change[] | undefined> {
  const committed = await readJson(contractFile(event));
  // Streams hold events of before, so both sides read both.
  const directions = ['in', 'out'] as const;
  return committed === undefined ? undefined : compareSchemas(committed, contractOf(event), 'data', { directions });
}

/** What to do about a change that breaks whoever reads or publishes the event as it was. */
export const breakingAdvice = ({ type, version, subject }: EventType): string =>
  [
    `Keep ${type} as it is, and define version ${version + 1} beside it in src/events/${subject}.ts:`,
    'see "The next version of an event" in docs/events.md.',
    `Where nobody has read it yet: delete contracts/events/${type}.json and run \`npm run event-contracts\`.`,
  ].join('\n');
