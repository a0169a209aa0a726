import type { ServiceRecord } from '../record.ts';
import type { TemplateSet } from '../render/template-set.ts';

/** Something whose files were made here, and which the record does not list. */
export interface Lost {
  noun: string;
  name: string;
}

/**
 * What a record has lost, by the files that were rendered last: all files that an instance (or a feature) has of its
 * own are there, and the record has none of that name. One file alone proves nothing: templates give up files too.
 */
export function lostFrom(
  { features, instances }: ServiceRecord,
  base: ReadonlyMap<string, string>,
  templates: Pick<TemplateSet, 'features'>,
): Lost[] {
  return templates.features.flatMap(({ manifest, once, each }): Lost[] => {
    const lost: Lost[] = [];
    const isFeatureLost =
      !Object.hasOwn(features, manifest.id) && once.length > 0 && once.every(({ path }) => base.has(path));
    if (isFeatureLost) lost.push({ noun: 'feature', name: manifest.id });
    const kind = manifest.instances?.kind;
    const [first] = each;
    if (kind === undefined || !first) return lost;
    const known = new Set((instances[kind] ?? []).map(({ name }) => name));
    const names = [...base.keys()].flatMap((path) => nameIn(path, first.path) ?? []).filter((name) => !known.has(name));
    for (const name of names)
      if (each.every(({ path }) => base.has(path.replaceAll('__name__', name))))
        lost.push({ noun: manifest.instances?.noun ?? kind, name });
    return lost;
  });
}

/** `src/clients/payments.ts` is `src/clients/__name__.ts` of `payments`. */
function nameIn(path: string, template: string): string | undefined {
  const [before = '', after = ''] = template.split('__name__');
  if (!path.startsWith(before)) return undefined;
  const name = path.slice(before.length).split('/')[0] ?? '';
  const bare = after.startsWith('/') || !name.endsWith(after) ? name : name.slice(0, -after.length);
  return bare !== '' && template.replaceAll('__name__', bare) === path ? bare : undefined;
}
