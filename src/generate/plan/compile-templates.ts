import Handlebars from 'handlebars';
import type { PackedFile } from './precompiled.ts';
import type { FeatureManifest, TemplateFile, TemplateSet } from './template-set.ts';
import { mapFiles, type SourceFile, TemplateError, type TemplateSources } from './template-sources.ts';
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

function parseChecked(
  file: SourceFile,
  sources: TemplateSources,
  feature: FeatureManifest | undefined,
  part: 'once' | 'each',
) {
  const program = parse(file);
  const manifests = sources.features.map(({ manifest }) => manifest);
  const [complaint] = templateComplaints(program as unknown as Program, viewShape(manifests, feature, part));
  if (complaint !== undefined) throw new TemplateError(file.source, complaint);
  return program;
}

function parse(file: SourceFile): hbs.AST.Program {
  try {
    return handlebars.parse(file.text);
  } catch (error) {
    throw new TemplateError(file.source, error instanceof Error ? error.message : String(error));
  }
}

function compile(file: SourceFile, program: hbs.AST.Program): TemplateFile['render'] {
  const template = handlebars.compile(program, options);
  return (view) => {
    try {
      return template(view);
    } catch (error) {
      throw new TemplateError(file.source, error instanceof Error ? error.message : String(error));
    }
  };
}

/** Templates ready to render, every one checked against the view it will get. TemplateError names file and line. */
export const compileTemplates = (sources: TemplateSources): TemplateSet =>
  mapFiles(
    sources,
    (file, feature, part): TemplateFile => ({
      path: file.path,
      ...(file.mode !== undefined && { mode: file.mode }),
      render: file.isTemplate ? compile(file, parseChecked(file, sources, feature, part)) : () => file.text,
    }),
    (set) => set,
  );

/**
 * The same as source text of an ES module whose default export is the TemplateSet, needing only Handlebars' runtime.
 * `runtimeModule` is what it imports `unpack` from.
 */
export const precompile = (sources: TemplateSources, runtimeModule: string): string =>
  mapFiles(
    sources,
    (file, feature, part): string => {
      const head: PackedFile = { path: file.path, ...(file.mode !== undefined && { mode: file.mode }) };
      const body = file.isTemplate
        ? `spec: ${handlebars.precompile(parseChecked(file, sources, feature, part), options)}`
        : `text: ${JSON.stringify(file.text)}`;
      return `{ ...${JSON.stringify(head)}, ${body} }`;
    },
    ({ version, base, features, presets }) => {
      const list = (files: readonly string[]): string => `[${files.join(',\n')}]`;
      const packed = features.map(
        ({ manifest, once, each, merge, mergeEach, readme }) =>
          `{ manifest: ${JSON.stringify(manifest)}, once: ${list(once)}, each: ${list(each)}, merge: ${list(merge)}, ` +
          `mergeEach: ${list(mergeEach)}${readme === undefined ? '' : `, readme: ${readme}`} }`,
      );
      return [
        `import { unpack } from ${JSON.stringify(runtimeModule)};`,
        `export default unpack({ version: ${JSON.stringify(version)}, base: ${list(base)}, features: ${list(packed)}, ` +
          `presets: ${JSON.stringify(presets)} });`,
        '',
      ].join('\n');
    },
  );
