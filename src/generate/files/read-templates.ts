import type { TemplateSet } from '../plan/template-set.ts';

/** The templates in a folder laid out as `templates/` is. Throws, with file and field named, where one is wrong. */
export async function readTemplates(_dir: string): Promise<TemplateSet> {
  throw new Error('readTemplates is being written');
}
