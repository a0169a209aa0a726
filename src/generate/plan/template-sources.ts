import type { FeatureManifest, Preset } from './template-set.ts';

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

export interface FeatureSources {
  manifest: FeatureManifest;
  once: readonly SourceFile[];
  each: readonly SourceFile[];
  merge: readonly SourceFile[];
  mergeEach: readonly SourceFile[];
  readme?: SourceFile;
}

export interface TemplateSources {
  version: string;
  base: readonly SourceFile[];
  features: readonly FeatureSources[];
  presets: readonly Preset[];
}

/** A mistake in `templates/`: it stops the build, naming file and field. A bug of ours, never a user's. */
export class TemplateError extends Error {
  constructor(where: string, what: string) {
    super(`${where}: ${what}`);
    this.name = 'TemplateError';
  }
}

/** Version, base, features and presets with every file put through `convert`. */
export function mapFiles<F, R>(
  sources: Readonly<TemplateSources>,
  convert: (file: SourceFile, feature: FeatureManifest | undefined, part: 'once' | 'each') => F,
  assemble: (set: {
    version: string;
    base: F[];
    features: { manifest: FeatureManifest; once: F[]; each: F[]; merge: F[]; mergeEach: F[]; readme?: F }[];
    presets: readonly Preset[];
  }) => R,
): R {
  return assemble({
    version: sources.version,
    base: sources.base.map((file) => convert(file, undefined, 'once')),
    features: sources.features.map(({ manifest, once, each, merge, mergeEach, readme }) => ({
      manifest,
      once: once.map((file) => convert(file, manifest, 'once')),
      each: each.map((file) => convert(file, manifest, 'each')),
      merge: merge.map((file) => convert(file, manifest, 'once')),
      mergeEach: mergeEach.map((file) => convert(file, manifest, 'each')),
      ...(readme && { readme: convert(readme, manifest, 'once') }),
    })),
    presets: sources.presets,
  });
}
