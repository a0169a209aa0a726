import type Handlebars from 'handlebars';
import runtime from 'handlebars/runtime.js';
import type { TemplateSet } from './template-set.ts';
import { mapFiles } from './template-sources.ts';

/** A template file as the build packs it: `text` as it is, or the number of the `spec` that Handlebars' compiler made. */
export interface PackedFile {
  path: string;
  mode?: number;
  text?: string;
  spec?: number;
}

const handlebars = (runtime as unknown as typeof Handlebars).create();

/** Templates from the form that the build packs them in. Each is set up when it is first rendered. */
export const unpack = (packed: TemplateSet<PackedFile>, specs: readonly TemplateSpecification[]): TemplateSet =>
  mapFiles(packed, ({ path, mode, text, spec = -1 }) => {
    let template: ((view: object) => string) | undefined;
    return {
      path,
      ...(mode !== undefined && { mode }),
      render: (view) => {
        if (text !== undefined) return text;
        template ??= handlebars.template(specs[spec] as TemplateSpecification);
        return template(view);
      },
    };
  });
