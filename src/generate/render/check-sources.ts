import { closeOverRequired } from '../inputs/features.ts';
import type { FeatureManifest } from '../manifest.ts';
import { composer } from './compose.ts';
import type { TemplatePart } from './template-set.ts';
import { type SourceFile, TemplateError, type TemplateSources } from './template-sources.ts';

/** Paths that the engine keeps for itself, or that tools would fill. */
const reserved = /^(?:\.msvc|\.git|node_modules|dist)(?:\/|$)/;

function checkPath({ source, path }: SourceFile): void {
  if (reserved.test(path)) throw new TemplateError(source, 'this path is not for templates');
}

function checkPart({ merge, mergeEach, each }: TemplatePart<SourceFile>, manifest: FeatureManifest): void {
  for (const shared of [...merge, ...mergeEach]) {
    checkPath(shared);
    if (!composer(shared.path))
      throw new TemplateError(shared.source, 'only JSON, YAML, .env and ignore files can be merged');
  }
  const [first] = [...each, ...mergeEach];
  if (first && !manifest.instances)
    throw new TemplateError(first.source, `${manifest.id} has no instances in its feature.json`);
  for (const template of each) {
    checkPath(template);
    if (!template.path.includes('__name__')) throw new TemplateError(template.source, 'needs __name__ in its path');
  }
}

/** Features that answers bring. */
const choiceRequires = ({ questions, instances }: FeatureManifest): string[] =>
  [...questions, ...(instances?.questions ?? [])].flatMap(({ choices = [] }) =>
    choices.flatMap(({ requires = [] }) => requires),
  );

function checkKinds(manifests: readonly FeatureManifest[]): void {
  const makers = new Map<string, string>();
  for (const { id, instances } of manifests) {
    if (!instances) continue;
    const other = makers.get(instances.kind);
    if (other !== undefined)
      throw new TemplateError('templates/features', `${other} and ${id} both have ${instances.kind}`);
    makers.set(instances.kind, id);
  }
}

/** What no single file can tell: that ids exist, that no two files want one path, that shared files can be merged. */
export function checkSources({ base, features, presets }: TemplateSources): void {
  const manifests = features.map(({ manifest }) => manifest);
  const ids = new Set(manifests.map(({ id }) => id));
  const owners = new Map<string, { source: string; feature?: string }>();
  const claim = (file: SourceFile, feature?: string, mayReplace: readonly string[] = []): void => {
    checkPath(file);
    const other = owners.get(file.path);
    if (other && !mayReplace.includes(other.feature ?? '')) {
      throw new TemplateError(file.source, `${other.source} makes the same file`);
    }
    owners.set(file.path, { source: file.source, ...(feature !== undefined && { feature }) });
  };
  for (const file of base) claim(file);
  for (const { manifest, once } of features) for (const file of once) claim(file, manifest.id);
  for (const feature of features) {
    const { manifest } = feature;
    const file = `templates/features/${manifest.id}/feature.json`;
    const named = {
      requires: manifest.requires,
      conflicts: manifest.conflicts,
      with: Object.keys(feature.with),
      choices: choiceRequires(manifest),
    };
    for (const [field, others] of Object.entries(named)) {
      const unknown = others.find((id) => !ids.has(id));
      if (unknown !== undefined)
        throw new TemplateError(file, `${field} names ${unknown}, and there is no such feature`);
    }
    checkPart(feature, manifest);
    for (const [other, part] of Object.entries(feature.with)) {
      checkPart(part, manifest);
      for (const file of part.once) claim(file, `${manifest.id} with ${other}`, [manifest.id, other]);
    }
  }
  checkKinds(manifests);
  for (const { id, features: chosen } of presets) {
    try {
      closeOverRequired(chosen, manifests);
    } catch (error) {
      throw new TemplateError('templates/presets.json', `${id}: ${error instanceof Error ? error.message : error}`);
    }
  }
}
