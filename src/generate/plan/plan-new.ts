import type { ServiceRecord } from '../record.ts';
import { renderTree } from '../render/render-tree.ts';
import type { TemplateSet } from '../render/template-set.ts';
import { bookkeeping } from './bookkeeping.ts';
import type { FileChange, Plan } from './plan.ts';

/** The plan of a new service: every file is created. */
export async function planNew(record: ServiceRecord, templates: TemplateSet): Promise<Plan> {
  const rendered = await renderTree(record, templates);
  return {
    record,
    changes: [...rendered].map(([path, file]): FileChange => ({ kind: 'create', path, ...file })),
    bookkeeping: bookkeeping({ recordText: undefined, base: new Map() }, record, rendered),
    rendered,
  };
}
