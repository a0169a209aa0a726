import type { FeatureManifest } from '../manifest.ts';
import type { TemplatePart, TemplateSet } from './template-set.ts';

/** A file in `templates/` as read, before anything is compiled. */
export interface SourceFile {
  /** Where it lies, for messages: `templates/features/sagas/once/src/app.ts.hbs`. */
  source: string;
  /** Its path in the service: dotfiles named so, `.hbs` gone. */
  path: string;
  /** 0o755 where the file is executable. */
  mode?: number;
  text: string;
  /** True for `.hbs`: to be rendered. */
  isTemplate: boolean;
}

export type TemplateSources = TemplateSet<SourceFile>;

/** A mistake in `templates/`: it stops the build, naming file and field. A bug of ours, never a user's. */
export class TemplateError extends Error {
  constructor(where: string, what: string) {
    super(`${where}: ${what}`);
    this.name = 'TemplateError';
  }
}

/** Whose file it is (none: base), and whether it is rendered once an instance. */
export interface Place {
  feature?: FeatureManifest;
  part: 'once' | 'each';
}

/** The same set with every file converted. */
export function mapFiles<From, To>(set: TemplateSet<From>, convert: (file: From, place: Place) => To): TemplateSet<To> {
  const convertPart = (part: TemplatePart<From>, feature: FeatureManifest): TemplatePart<To> => {
    const once = (files: readonly From[]): To[] => files.map((file) => convert(file, { feature, part: 'once' }));
    const each = (files: readonly From[]): To[] => files.map((file) => convert(file, { feature, part: 'each' }));
    return { once: once(part.once), each: each(part.each), merge: once(part.merge), mergeEach: each(part.mergeEach) };
  };
  return {
    version: set.version,
    ...(set.published && { published: true }),
    base: set.base.map((file) => convert(file, { part: 'once' })),
    features: set.features.map((feature) => ({
      manifest: feature.manifest,
      ...convertPart(feature, feature.manifest),
      with: Object.fromEntries(
        Object.entries(feature.with).map(([other, part]) => [other, convertPart(part, feature.manifest)]),
      ),
      ...(feature.readme !== undefined && {
        readme: convert(feature.readme, { feature: feature.manifest, part: 'once' }),
      }),
    })),
    presets: set.presets,
    platform: set.platform.map((file) => convert(file, { part: 'once' })),
  };
}
