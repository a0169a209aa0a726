import type { FeatureManifest } from '../../../src/generate/manifest.ts';
import { compileTemplates } from '../../../src/generate/render/compile-templates.ts';
import type { Feature, TemplatePart, TemplateSet } from '../../../src/generate/render/template-set.ts';
import type { SourceFile, TemplateSources } from '../../../src/generate/render/template-sources.ts';

type Files = Readonly<Record<string, string>>;

/** `{ 'src/a.ts.hbs': '…' }` as source files of one folder; `.hbs` is rendered. */
export const sourceFiles = (folder: string, files: Files = {}): SourceFile[] =>
  Object.entries(files).map(([path, text]) => ({
    source: `templates/${folder}/${path}`,
    path: path.replace(/\.hbs$/, ''),
    text,
    isTemplate: path.endsWith('.hbs'),
  }));

export interface FeatureParts {
  manifest?: Partial<Omit<FeatureManifest, 'id'>>;
  once?: Files;
  each?: Files;
  merge?: Files;
  mergeEach?: Files;
  with?: Readonly<Record<string, { once?: Files; each?: Files; merge?: Files; mergeEach?: Files }>>;
  readme?: string;
}

const manifestOf = (id: string, manifest: FeatureParts['manifest'] = {}): FeatureManifest => ({
  id,
  title: id,
  summary: `The feature ${id}`,
  selectable: true,
  requires: [],
  conflicts: [],
  questions: [],
  ...manifest,
});

const partOf = (folder: string, { once, each, merge, mergeEach }: FeatureParts): TemplatePart<SourceFile> => ({
  once: sourceFiles(`${folder}/once`, once),
  each: sourceFiles(`${folder}/each`, each),
  merge: sourceFiles(`${folder}/merge`, merge),
  mergeEach: sourceFiles(`${folder}/merge-each`, mergeEach),
});

/** A small set of templates, as read from a folder. */
export function templateSources(
  base: Files,
  features: Readonly<Record<string, FeatureParts>> = {},
  version = '1.0.0',
): TemplateSources {
  return {
    version,
    base: sourceFiles('base', base),
    features: Object.entries(features).map(([id, parts]): Feature<SourceFile> => {
      const folder = `features/${id}`;
      const together = Object.entries(parts.with ?? {}).map(
        ([other, part]) => [other, partOf(`${folder}/with/${other}`, part)] as const,
      );
      const [readme] = parts.readme === undefined ? [] : sourceFiles(folder, { 'README.md.hbs': parts.readme });
      return {
        manifest: manifestOf(id, parts.manifest),
        ...partOf(folder, parts),
        with: Object.fromEntries(together),
        ...(readme && { readme }),
      };
    }),
    presets: [],
    platform: [],
  };
}

export const templateSet = (...args: Parameters<typeof templateSources>): TemplateSet =>
  compileTemplates(templateSources(...args));
