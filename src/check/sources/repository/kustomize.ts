import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { parse, stringify } from 'yaml';
import { UserError } from '../../../errors.ts';
import { withoutSecrets } from '../../../harmless.ts';
import { parseYaml } from '../manifests/parse-yaml.ts';
import { kustomizations } from '../manifests/unrendered.ts';
import type { Environment } from './find-environments.ts';
import { missing, pasted, type Rendered, type Renderer, renderFailed } from './rendered.ts';
import { findOnPath, runTool } from './run-tool.ts';

/** Annotation that kustomize writes where it is asked to say where an object came from. */
export const originAnnotation = 'config.kubernetes.io/origin';

/**
 * What an overlay renders to, by the user's own kustomize or kubectl.
 *
 * @throws UserError RENDERER_MISSING, RENDERER_NEEDS_NETWORK, RENDER_FAILED
 */
export const kustomize: Renderer = async (environment, { seconds }, ports): Promise<Rendered> => {
  const own = findOnPath('kustomize', ports);
  const program = own ?? findOnPath('kubectl', ports);
  const verb = own ? 'build' : 'kustomize';
  const command = `${own ? 'kustomize' : 'kubectl'} ${verb} ${pasted(environment.name)}`;
  if (!program) throw missing(environment, 'neither kustomize nor kubectl is', command);
  await refuseRemote(environment, command);
  const build = (folder: string) => runTool(program, [verb, folder], { cwd: environment.folder, seconds }, ports);
  const wrapper = await mkdtemp(join(await realpath(tmpdir()), 'msvc-render-'));
  try {
    // A kustomization around it asks for origins, so that the user's own files stay as they are.
    const inside = relative(wrapper, await realpath(environment.folder))
      .split(sep)
      .join('/');
    const around = { resources: [inside], buildMetadata: ['originAnnotations'] };
    await writeFile(join(wrapper, 'kustomization.yaml'), stringify(around));
    const told = await build(wrapper);
    if ('stdout' in told) return { text: told.stdout, by: command, origins: wrapper };
    // Older than origins, or broken: what it says of the folder itself is what the user can look up.
    const plain = 'isLate' in told ? told : await build(environment.folder);
    if ('stdout' in plain) return { text: plain.stdout, by: command };
    throw renderFailed(environment, command, plain);
  } finally {
    await rm(wrapper, { recursive: true, force: true });
  }
};

/** Lists of what kustomize has built in, told by files or by pieces of YAML: those may name files of their own. */
const plugins = new Set(['generators', 'transformers', 'validators']);
const lists = new Set([...plugins, 'resources', 'bases', 'components', 'crds', 'configurations']);

/** kustomize takes every name that is no file for an address, and fetches it. */
async function refuseRemote(environment: Environment, command: string): Promise<void> {
  const seen = new Set<string>();
  const open = [environment.folder];
  const refuse = (address: string | undefined): void => {
    if (address !== undefined) throw remote(environment, address, command);
  };
  // What is read otherwise than kustomize reads it would be fetched unseen.
  const read = (text: string, place: string): unknown[] => {
    const parsed = parseYaml(text);
    if ('values' in parsed) return parsed.values;
    throw renderFailed(environment, command, { failed: `${place} is not YAML: ${parsed.why}` });
  };
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    const values = read(await kustomizationIn(folder), 'its kustomization');
    refuse(addressIn(values));
    for (const { entry, isPlugin } of values.flatMap(entriesOf)) {
      const path = resolve(folder, entry);
      const found = isPiece(entry) ? undefined : await stat(path).catch(() => undefined);
      if (found?.isDirectory()) open.push(path);
      else if (!found && !isPiece(entry)) refuse(entry);
      else if (isPlugin)
        refuse(
          addressIn(isPiece(entry) ? read(entry, 'a piece of its kustomization') : read(await textOf(path), entry)),
        );
    }
  }
}

/** YAML that stands in a kustomization itself. */
const isPiece = (entry: string): boolean => entry.includes('\n');

/** Files, folders and pieces that a kustomization is made from; its fields are read in any case, as kustomize reads them. */
const entriesOf = (kustomization: unknown): { entry: string; isPlugin: boolean }[] =>
  Object.entries(kustomization ?? {})
    .map(([name, list]: [string, unknown]) => ({ name: name.toLowerCase(), list }))
    .flatMap(({ name, list }) =>
      (lists.has(name) && Array.isArray(list) ? list : [])
        .filter((entry): entry is string => typeof entry === 'string')
        .map((entry) => ({ entry, isPlugin: plugins.has(name) })),
    );

/** Nothing of what is no file: a pipe never ends. */
const textOf = async (path: string): Promise<string> =>
  (await stat(path).catch(() => undefined))?.isFile() ? readFile(path, 'utf8') : '';

async function kustomizationIn(folder: string): Promise<string> {
  for (const name of kustomizations) {
    const text = await textOf(join(folder, name));
    if (text !== '') return text;
  }
  return '';
}

/** Values of these say something and name no file. */
const texts = new Set([
  'literals',
  'labels',
  'commonLabels',
  'commonAnnotations',
  'annotations',
  'images',
  'patch',
  'metadata',
]);

/** `https://…`, also behind the name of a key: kustomize fetches the files of patches and generators too. */
function addressIn(value: unknown): string | undefined {
  if (typeof value === 'string') return /^([^=]*=)?(https?|ssh|git):\/\//i.test(value) ? value : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const found = texts.has(name) ? undefined : addressIn(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

const remote = ({ name }: Environment, entry: string, command: string) =>
  new UserError({
    code: 'RENDERER_NEEDS_NETWORK',
    what: `${name} takes ${JSON.stringify(withoutSecrets(entry))} from elsewhere, or that is missing`,
    why: 'It is no file or folder here, so kustomize would fetch it, and nothing is downloaded for you.',
    fix: `Render it yourself, and judge that: ${command} > rendered.yaml, then msvc check-cluster --from rendered.yaml`,
  });

/** The file that an origin names, seen from the folder that was rendered. */
export function fileOfOrigin(annotation: string, wrapper: string): string | undefined {
  try {
    const { path, configuredIn } = (parse(annotation) ?? {}) as { path?: unknown; configuredIn?: unknown };
    const named = typeof path === 'string' ? path : typeof configuredIn === 'string' ? configuredIn : undefined;
    return named === undefined ? undefined : resolve(wrapper, named);
  } catch {
    return undefined;
  }
}
