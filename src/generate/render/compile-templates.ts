import Handlebars from 'handlebars';
import type { TemplateFile, TemplateSet } from './template-set.ts';
import { mapFiles, type Place, type SourceFile, TemplateError, type TemplateSources } from './template-sources.ts';
import { type Program, templateComplaints } from './template-variables.ts';
import { viewShape } from './view-shape.ts';

// An instance of our own, so that nobody else's helpers reach our templates, nor ours theirs.
const handlebars = Handlebars.create();

const options = {
  noEscape: true,
  strict: true,
  knownHelpersOnly: true,
  knownHelpers: { if: true, each: true, unless: false, with: false, log: false, lookup: false },
} as const;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function parse(file: SourceFile): hbs.AST.Program {
  try {
    return handlebars.parse(file.text);
  } catch (error) {
    throw new TemplateError(file.source, reasonOf(error));
  }
}

/** The parsed template, after every name in it was found in the view that it will get. */
function parseChecked(file: SourceFile, { feature, part }: Place, sources: TemplateSources): hbs.AST.Program {
  const program = parse(file);
  const manifests = sources.features.map(({ manifest }) => manifest);
  const [complaint] = templateComplaints(program as unknown as Program, viewShape(manifests, feature, part));
  if (complaint !== undefined) throw new TemplateError(file.source, complaint);
  return program;
}

function compile(file: SourceFile, program: hbs.AST.Program): TemplateFile['render'] {
  const template = handlebars.compile(program, options);
  return (view) => {
    try {
      return template(view);
    } catch (error) {
      throw new TemplateError(file.source, reasonOf(error));
    }
  };
}

/** Templates ready to render, every one checked against the view it will get. TemplateError names file and line. */
export const compileTemplates = (sources: TemplateSources): TemplateSet =>
  mapFiles(sources, (file, place) => ({
    path: file.path,
    ...(file.mode !== undefined && { mode: file.mode }),
    render: file.isTemplate ? compile(file, parseChecked(file, place, sources)) : () => file.text,
  }));

/** Templates as the build packs them: an ES module, and a file that must lie beside what it is bundled into. */
export interface Precompiled {
  /** Source text of a module whose default export is the TemplateSet; it needs only Handlebars' runtime. */
  module: string;
  /** Content of `templates.json`. Half a megabyte of text is data: in the module, every start would compile it. */
  packed: string;
}

/** The same precompiled. `unpackModule` is what the module imports `unpack` from. */
export function precompile(sources: TemplateSources, unpackModule: string): Precompiled {
  const specs: string[] = [];
  const packed = mapFiles(sources, (file, place) => {
    const head = { path: file.path, ...(file.mode !== undefined && { mode: file.mode }) };
    if (!file.isTemplate) return { ...head, text: file.text };
    specs.push(String(handlebars.precompile(parseChecked(file, place, sources), options)));
    return { ...head, spec: specs.length - 1 };
  });
  const module = [
    `import { readFileSync } from 'node:fs';`,
    `import { unpack } from ${JSON.stringify(unpackModule)};`,
    `const packed = JSON.parse(readFileSync(new URL('./templates.json', import.meta.url), 'utf8'));`,
    `export default unpack(packed, [\n${specs.join(',\n')}\n]);`,
    '',
  ].join('\n');
  return { module, packed: JSON.stringify(packed) };
}
