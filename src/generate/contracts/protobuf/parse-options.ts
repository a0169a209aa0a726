import { type DescMessage, fromJson, type JsonObject, type MessageShape } from '@bufbuild/protobuf';
import type { Cursor } from './cursor.ts';

/** Options as they are collected, by the names that the standard gives them. */
export type Options = JsonObject;

/** `name = value` of the standard options; those that a file defines itself need the compiler that knows them. */
export function parseOption(cursor: Cursor, options: Options): void {
  const start = cursor.next;
  if (cursor.is('(')) cursor.fail('options of their own, such as (google.api.http), are not read here yet', start);
  const name = cursor.path('the name of an option');
  if (name.includes('.')) cursor.fail(`the option ${name} is not read here yet`, start);
  if (Object.hasOwn(options, name)) cursor.fail(`the option ${name} stands here twice`, start);
  cursor.expect('=');
  options[name] = constant(cursor);
}

function constant(cursor: Cursor): string | number | boolean {
  const { kind, text } = cursor.next;
  if (kind === 'string') return cursor.string('a value');
  if (kind !== 'word') return cursor.integer('a value');
  cursor.take();
  return text === 'true' || text === 'false' ? text === 'true' : text;
}

/** `[deprecated = true, packed = false]`, where there is such a list. */
export function parseOptionList(cursor: Cursor): Options {
  const options: Options = {};
  if (!cursor.accept('[')) return options;
  do parseOption(cursor, options);
  while (cursor.accept(','));
  cursor.expect(']');
  return options;
}

/** The message that they make; undefined where there are none. */
export function optionsOf<D extends DescMessage>(
  cursor: Cursor,
  schema: D,
  options: Options,
): MessageShape<D> | undefined {
  if (Object.keys(options).length === 0) return undefined;
  try {
    return fromJson(schema, options);
  } catch (error) {
    const names = Object.keys(options).join(', ');
    return cursor.fail(`one of the options before this is none (${names}): ${(error as Error).message}`);
  }
}
