import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { parse, stringify } from 'yaml';
import { UserError } from '../../../errors.ts';
import { kustomizations } from '../manifests/unrendered.ts';
import type { Environment } from './find-environments.ts';
import { missing, type Rendered, type Renderer, renderFailed } from './rendered.ts';
import { isOnPath, runTool } from './run-tool.ts';

/** Annotation that kustomize writes where it is asked to say where an object came from. */
export const originAnnotation = 'config.kubernetes.io/origin';

/**
 * What an overlay renders to, by the user's own kustomize or kubectl.
 *
 * @throws UserError RENDERER_MISSING, RENDERER_NEEDS_NETWORK, RENDER_FAILED
 */
export const kustomize: Renderer = async (environment, { seconds }, ports): Promise<Rendered> => {
  const [program, ...first] = isOnPath('kustomize', ports) ? ['kustomize', 'build'] : ['kubectl', 'kustomize'];
  const command = `${program} ${first.join(' ')} ${environment.name}`;
  if (!isOnPath(program, ports)) throw missing(environment, 'neither kustomize nor kubectl is', command);
  await refuseRemote(environment, command);
  const build = (folder: string) => runTool(program, [...first, folder], { cwd: environment.folder, seconds }, ports);
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

const lists = [
  'resources',
  'bases',
  'components',
  'generators',
  'transformers',
  'validators',
  'crds',
  'configurations',
];

/** kustomize takes every name that is no file for an address, and fetches it. */
async function refuseRemote(environment: Environment, command: string): Promise<void> {
  const seen = new Set<string>();
  const open = [environment.folder];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    const { entries, address } = await entriesOf(folder);
    if (address !== undefined) throw remote(environment, address, command);
    for (const entry of entries) {
      const path = resolve(folder, entry);
      const found = await stat(path).catch(() => undefined);
      if (!found) throw remote(environment, entry, command);
      if (found.isDirectory()) open.push(path);
    }
  }
}

/** What a kustomization is made from. */
interface Entries {
  /** Files and folders that it builds on; pieces of YAML that stand in it are none. */
  entries: string[];
  /** A file of a patch or a generator that would be fetched. */
  address?: string;
}

async function entriesOf(folder: string): Promise<Entries> {
  for (const name of kustomizations) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    try {
      const fields = (parse(text) ?? {}) as Record<string, unknown>;
      const address = addressIn(fields);
      return {
        entries: lists
          .flatMap((list) => (Array.isArray(fields[list]) ? (fields[list] as unknown[]) : []))
          .filter((entry): entry is string => typeof entry === 'string' && !entry.includes('\n')),
        ...(address === undefined ? {} : { address }),
      };
    } catch {
      // kustomize says what is wrong with it.
      return { entries: [] };
    }
  }
  return { entries: [] };
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
  if (typeof value === 'string') return /^([\w.-]+=)?(https?|ssh|git):\/\//i.test(value) ? value : undefined;
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
    what: `${name} takes ${JSON.stringify(entry)} from elsewhere, or that is missing`,
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
