import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSources } from '../render/check-sources.ts';
import { compileTemplates, type Precompiled, precompile } from '../render/compile-templates.ts';
import { readManifest, readPresets } from '../render/template-manifest.ts';
import type { Feature, TemplatePart, TemplateSet } from '../render/template-set.ts';
import { type SourceFile, TemplateError, type TemplateSources } from '../render/template-sources.ts';

const parts = ['once', 'each', 'merge', 'merge-each'] as const;

/** `_gitignore` → `.gitignore`: npm and git would treat the real names as their own. `__name__` is no dotfile. */
const asDotfile = (segment: string): string => (/^_[^_]/.test(segment) ? `.${segment.slice(1)}` : segment);

async function readJson(file: string, shown: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new TemplateError(shown, error instanceof Error ? error.message : String(error));
  }
}

async function readSource(file: string, source: string, path: string): Promise<SourceFile> {
  const { mode } = await stat(file);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
  } catch {
    throw new TemplateError(source, 'is no UTF-8 text');
  }
  const isTemplate = path.endsWith('.hbs');
  return {
    source,
    path: isTemplate ? path.slice(0, -'.hbs'.length) : path,
    ...(mode & 0o100 && { mode: 0o755 }),
    text,
    isTemplate,
  };
}

/** Every file under a folder, sorted by path; none where the folder is absent. */
async function readFolder(dir: string, shown: string): Promise<SourceFile[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = entries
    .filter((entry) => !entry.isDirectory() && entry.name !== '.DS_Store')
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const segments = file.slice(dir.length + 1).split(/[\\/]/);
      const source = [shown, ...segments].join('/');
      if (!entry.isFile()) throw new TemplateError(source, 'must be a plain file');
      if (segments.some((segment) => segment.startsWith('.'))) {
        throw new TemplateError(source, 'dotfiles are stored with _ in place of the dot: _gitignore');
      }
      return { file, source, path: segments.map(asDotfile).join('/') };
    })
    .sort((a, b) => (a.source < b.source ? -1 : 1));
  return Promise.all(files.map(({ file, source, path }) => readSource(file, source, path)));
}

async function readPart(dir: string, shown: string): Promise<TemplatePart<SourceFile>> {
  const [once = [], each = [], merge = [], mergeEach = []] = await Promise.all(
    parts.map((part) => readFolder(join(dir, part), `${shown}/${part}`)),
  );
  return { once, each, merge, mergeEach };
}

function refuseStrays(entries: readonly string[], known: readonly string[], shown: string): void {
  const stray = entries.find((entry) => entry !== '.DS_Store' && !known.includes(entry));
  if (stray !== undefined) throw new TemplateError(`${shown}/${stray}`, `here belong only ${known.join(', ')}`);
}

/** `with/<other>/` of a feature, by the other's id. */
async function readWith(dir: string, shown: string): Promise<Record<string, TemplatePart<SourceFile>>> {
  const others = (await foldersIn(dir)).map(async (other) => {
    refuseStrays(await readdir(join(dir, other)), parts, `${shown}/${other}`);
    return [other, await readPart(join(dir, other), `${shown}/${other}`)] as const;
  });
  return Object.fromEntries(await Promise.all(others));
}

async function readFeature(dir: string, shown: string): Promise<Feature<SourceFile>> {
  const entries = await readdir(dir);
  refuseStrays(entries, ['feature.json', ...parts, 'with', 'README.md', 'README.md.hbs'], shown);
  const manifestFile = `${shown}/feature.json`;
  const manifest = readManifest(manifestFile, basename(dir), await readJson(join(dir, 'feature.json'), manifestFile));
  const readme = entries.find((entry) => entry.startsWith('README.md'));
  return {
    manifest,
    ...(await readPart(dir, shown)),
    with: await readWith(join(dir, 'with'), `${shown}/with`),
    ...(readme !== undefined && { readme: await readSource(join(dir, readme), `${shown}/${readme}`, readme) }),
  };
}

/** Names of the folders in a folder, sorted; none where it is absent. */
async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

async function readSources(dir: string, version: string | undefined): Promise<TemplateSources> {
  const ids = await foldersIn(join(dir, 'features'));
  const presets = await stat(join(dir, 'presets.json')).then(
    () => readJson(join(dir, 'presets.json'), 'templates/presets.json'),
    () => [],
  );
  const sources: TemplateSources = {
    version: version ?? ((await readJson(join(dir, '../package.json'), 'package.json')) as { version: string }).version,
    base: await readFolder(join(dir, 'base'), 'templates/base'),
    features: await Promise.all(ids.map((id) => readFeature(join(dir, 'features', id), `templates/features/${id}`))),
    presets: readPresets('templates/presets.json', presets),
    platform: await readFolder(join(dir, 'platform'), 'templates/platform'),
  };
  checkSources(sources);
  return sources;
}

/**
 * The templates in a folder laid out as `templates/` is; `version` is that of the package.json beside it unless given.
 * TemplateError, with file and field or line named, where one is wrong.
 */
export const readTemplates = async (dir: string, version?: string): Promise<TemplateSet> =>
  compileTemplates(await readSources(dir, version));

/** The same TemplateSet for the bundle; `published` where that is the one that goes to the registry. */
export async function precompileTemplates(
  dir: string,
  { version, published = false }: { version?: string; published?: boolean } = {},
): Promise<Precompiled> {
  const sources = { ...(await readSources(dir, version)), ...(published && { published: true as const }) };
  return precompile(sources, fileURLToPath(new URL('../render/precompiled.ts', import.meta.url)));
}
