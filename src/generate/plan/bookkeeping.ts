import { asLf } from '../formats/line-endings.ts';
import type { ServiceRecord } from '../record.ts';
import { basePath, formatRecord, recordPath } from '../record.ts';
import type { RenderedTree } from '../render/rendered.ts';
import type { FileChange } from './plan.ts';

/** What is kept of the last time: the record's text and every file as rendered. Empty for a new service. */
export interface Bookkept {
  recordText: string | undefined;
  base: ReadonlyMap<string, string>;
}

function write(path: string, before: string | undefined, content: string): FileChange[] {
  if (before === undefined) return [{ kind: 'create', path, content }];
  // Checked out with CRLF is not changed.
  return asLf(before) === asLf(content) ? [] : [{ kind: 'update', path, before, content }];
}

/** The changes to `.msvc/` that make the record and `rendered` the base of the next time. */
export function bookkeeping(last: Bookkept, record: ServiceRecord, rendered: RenderedTree): FileChange[] {
  const gone = [...last.base].filter(([path]) => !rendered.has(path));
  return [
    ...write(recordPath, last.recordText, formatRecord(record)),
    ...[...rendered].flatMap(([path, { content }]) => write(basePath(path), last.base.get(path), content)),
    ...gone.map(([path, before]): FileChange => ({ kind: 'delete', path: basePath(path), before })),
  ];
}
