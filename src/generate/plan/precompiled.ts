import type Handlebars from 'handlebars';
import runtime from 'handlebars/runtime.js';
import type { Feature, TemplateFile, TemplateSet } from './template-set.ts';

/** A template file as the build packs it: `text` as it is, or the `spec` that Handlebars' compiler made. */
export interface PackedFile {
  path: string;
  mode?: number;
  text?: string;
  spec?: TemplateSpecification;
}

type Pack<T> = { [K in keyof T]: K extends 'once' | 'each' | 'merge' | 'mergeEach' ? PackedFile[] : T[K] };
type PackedFeature = Omit<Pack<Feature>, 'readme'> & { readme?: PackedFile };
type PackedSet = Omit<TemplateSet, 'base' | 'features'> & { base: PackedFile[]; features: PackedFeature[] };

const handlebars = (runtime as unknown as typeof Handlebars).create();

/** Templates from the form that the build packs them in. Each is set up when it is first rendered. */
export function unpack(packed: PackedSet): TemplateSet {
  const file = ({ path, mode, text, spec }: PackedFile): TemplateFile => {
    let template: ((view: object) => string) | undefined;
    return {
      path,
      ...(mode !== undefined && { mode }),
      render: (view) => {
        if (text !== undefined) return text;
        template ??= handlebars.template(spec as TemplateSpecification);
        return template(view);
      },
    };
  };
  return {
    ...packed,
    base: packed.base.map(file),
    features: packed.features.map(({ readme, ...feature }) => ({
      manifest: feature.manifest,
      once: feature.once.map(file),
      each: feature.each.map(file),
      merge: feature.merge.map(file),
      mergeEach: feature.mergeEach.map(file),
      ...(readme && { readme: file(readme) }),
    })),
  };
}
