import { type DescMessage, fromJson, type JsonObject, type MessageShape } from '@bufbuild/protobuf';
import type { Cursor } from './cursor.ts';

/** Options as they are collected, by the names that the standard gives them. */
export type Options = JsonObject;

/**
 * `name = value` of the standard options; those that a file defines itself need the compiler that knows them.
 *
 * @returns false where it is such a one, and left out
 */
export function parseOption(cursor: Cursor, options: Options): boolean {
  const start = cursor.next;
  if (cursor.is('(')) {
    if (!cursor.leftOut) cursor.fail('options of their own, such as (google.api.http), are not read here yet', start);
    cursor.leftOut.names.add(skipOption(cursor));
    return false;
  }
  const name = cursor.path('the name of an option');
  if (name.includes('.')) cursor.fail(`the option ${name} is not read here yet`, start);
  if (Object.hasOwn(options, name)) cursor.fail(`the option ${name} stands here twice`, start);
  cursor.expect('=');
  options[name] = constant(cursor);
  return true;
}

/** `(buf.validate.field).string.min_len = 1` @returns its first name */
function skipOption(cursor: Cursor): string {
  cursor.expect('(');
  const name = `(${cursor.path('the name of an option', true)})`;
  cursor.expect(')');
  while (cursor.accept('.')) {
    if (cursor.is('(')) cursor.skipBlock();
    else cursor.path('the name of an option');
  }
  cursor.expect('=');
  if (cursor.is('{')) cursor.skipBlock();
  else if (cursor.next.kind === 'string') cursor.string('a value');
  else {
    cursor.accept('-');
    if (cursor.next.kind === 'sign') cursor.fail(`a value must be here, not "${cursor.next.text}"`);
    cursor.take();
  }
  return name;
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
  const before = cursor.last;
  if (!cursor.accept('[')) return options;
  const pieces: { isLeftOut: boolean; start: number; end: number }[] = [];
  do {
    const { start } = cursor.next;
    const isLeftOut = !parseOption(cursor, options);
    pieces.push({ isLeftOut, start, end: cursor.last.end });
  } while (cursor.accept(','));
  const { end } = cursor.expect(']');
  const firstKept = pieces.findIndex(({ isLeftOut }) => !isLeftOut);
  if (firstKept < 0) cursor.leftOut?.edits.push({ start: before.end, end, text: '' });
  else {
    // Each goes with the comma between it and what stays.
    for (const [index, piece] of pieces.entries()) {
      if (!piece.isLeftOut) continue;
      const [previous, next] = [pieces[index - 1], pieces[index + 1]];
      const from = index > firstKept ? previous?.end : piece.start;
      const to = index > firstKept ? piece.end : next?.start;
      cursor.leftOut?.edits.push({ start: from as number, end: to as number, text: '' });
    }
  }
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
