import { closeOverRequired } from '../inputs/features.ts';
import { composer } from './compose.ts';
import { type SourceFile, TemplateError, type TemplateSources } from './template-sources.ts';

/** Paths that the engine keeps for itself, or that tools would fill. */
const reserved = /^(?:\.msvc|\.git|node_modules|dist)(?:\/|$)/;

function checkPath({ source, path }: SourceFile): void {
  if (reserved.test(path)) throw new TemplateError(source, 'this path is not for templates');
}

/** What no single file can tell: that ids exist, that no two files want one path, that shared files can be merged. */
export function checkSources({ base, features, presets }: TemplateSources): void {
  const manifests = features.map(({ manifest }) => manifest);
  const ids = new Set(manifests.map(({ id }) => id));
  const owners = new Map<string, string>();
  const claim = (file: SourceFile): void => {
    checkPath(file);
    const other = owners.get(file.path);
    if (other !== undefined) throw new TemplateError(file.source, `${other} makes the same file`);
    owners.set(file.path, file.source);
  };
  base.forEach(claim);
  for (const { manifest, once, each, merge, mergeEach } of features) {
    const file = `templates/features/${manifest.id}/feature.json`;
    for (const field of ['requires', 'conflicts'] as const) {
      const unknown = manifest[field].find((id) => !ids.has(id));
      if (unknown !== undefined)
        throw new TemplateError(file, `${field} names ${unknown}, and there is no such feature`);
    }
    once.forEach(claim);
    for (const shared of [...merge, ...mergeEach]) {
      checkPath(shared);
      if (!composer(shared.path))
        throw new TemplateError(shared.source, 'only JSON, YAML, .env and ignore files can be merged');
    }
    if (!manifest.instances && each.length + mergeEach.length > 0) {
      throw new TemplateError(file, 'instances is missing, yet there are files in each/ or merge-each/');
    }
    for (const template of each) {
      checkPath(template);
      if (!template.path.includes('__name__')) throw new TemplateError(template.source, 'needs __name__ in its path');
    }
  }
  for (const kind of manifests.flatMap(({ instances }) => (instances ? [instances.kind] : []))) {
    const makers = manifests.filter(({ instances }) => instances?.kind === kind);
    if (makers.length > 1) {
      throw new TemplateError(
        'templates/features',
        `${makers.map(({ id }) => id).join(' and ')} both have instances ${kind}`,
      );
    }
  }
  for (const { id, features: chosen } of presets) {
    try {
      closeOverRequired(chosen, manifests);
    } catch (error) {
      throw new TemplateError('templates/presets.json', `${id}: ${error instanceof Error ? error.message : error}`);
    }
  }
}
