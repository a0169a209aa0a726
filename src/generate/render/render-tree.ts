import { UserError } from '../../errors.ts';
import { type Contracts, contractFiles, grpcMethods } from '../contracts/contracts.ts';
import { generatedCode } from '../contracts/generated-code.ts';
import type { FeatureManifest } from '../manifest.ts';
import type { ServiceRecord } from '../record.ts';
import { composer } from './compose.ts';
import { inContractForm } from './contract-form.ts';
import { placeFile } from './place-file.ts';
import type { RenderedFile, RenderedTree } from './rendered.ts';
import type { Feature, TemplateFile, TemplatePart, TemplateSet, View } from './template-set.ts';
import { TemplateError } from './template-sources.ts';
import { featureView, serviceView } from './view.ts';

type Tree = Map<string, RenderedFile>;

const render = (file: TemplateFile, view: View): RenderedFile => ({
  content: file.render(view),
  ...(file.mode !== undefined && { mode: file.mode }),
});

const servicePath = (path: string, { service }: View): string => path.replaceAll('__service__', service.snake);
const instancePath = (path: string, view: View): string => path.replaceAll('__name__', view.instance?.name ?? '');

const nameTaken = (why: string): UserError =>
  new UserError({
    code: 'NAME_TAKEN',
    what: 'Two parts of the service would have a setting in common',
    why: `${why}: one of them has the name of the other.`,
    fix: 'Choose another name for what you add, for example with -service at its end.',
  });

function addFile(tree: Tree, path: string, file: RenderedFile, replaces = false): void {
  if (tree.has(path) && !replaces) {
    throw new UserError({
      code: 'NAME_TAKEN',
      what: `${path} would be made twice`,
      why: 'Another part of the service is kept in that file.',
      fix: 'Choose another name.',
    });
  }
  tree.set(path, file);
}

/** @param named true where instances contribute: then two that do not fit have a name in common */
async function contribute(
  tree: Tree,
  path: string,
  contribution: RenderedFile,
  from: string,
  named: boolean,
): Promise<void> {
  const present = tree.get(path);
  if (!present) {
    tree.set(path, contribution);
    return;
  }
  try {
    const content = await composer(path)?.(present.content, contribution.content);
    if (content !== undefined) tree.set(path, { ...present, content });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // The templates agree with each other; what else does not is what was made of the name.
    if (named) throw nameTaken(`${why} (in ${path})`);
    throw new TemplateError(`${from}/${path}`, why);
  }
}

/** The views of a feature's instances, in the order of the record. */
function instanceViews({ instances }: FeatureManifest, view: View): View[] {
  return instances ? (view.instances[instances.kind] ?? []).map((instance) => ({ ...view, instance })) : [];
}

/** One set of folders to render: a feature's own, or those that it brings for being with another. */
interface Job {
  part: TemplatePart;
  manifest: FeatureManifest;
  view: View;
  /** Where it lies, for messages. */
  from: string;
  /** Present where its files take the place of others. */
  replaces?: true;
}

function jobsOf(features: readonly Feature[], record: ServiceRecord, view: View): Job[] {
  const own = features.map((feature): Job => {
    const { manifest } = feature;
    const from = `templates/features/${manifest.id}`;
    return { part: feature, manifest, view: featureView(view, manifest, record.features[manifest.id] ?? {}), from };
  });
  const together = own.flatMap((job, index) =>
    Object.entries((features[index] as Feature).with)
      .filter(([other]) => Object.hasOwn(record.features, other))
      .map(([other, part]): Job => ({ ...job, part, from: `${job.from}/with/${other}`, replaces: true })),
  );
  return [...own, ...together];
}

/** Every file of a service: base, features, instances, contributions and README parts, in the order of their paths. */
export async function renderTree(
  record: ServiceRecord,
  templates: TemplateSet,
  contracts: Contracts = { texts: new Map(), imports: new Map() },
): Promise<RenderedTree> {
  const plain = serviceView(record, templates, await grpcMethods(record, contracts));
  const present = templates.features
    .filter(({ manifest }) => Object.hasOwn(record.features, manifest.id))
    .sort((a, b) => (a.manifest.id < b.manifest.id ? -1 : 1));
  const jobs = jobsOf(present, record, plain);
  const readmes = present.map(({ readme }, index) => readme?.render((jobs[index] as Job).view).trim() ?? '');
  const features = plain.features.map((one, index) => ({ ...one, readme: readmes[index] ?? '' }));

  const tree: Tree = new Map();
  for (const file of templates.base) tree.set(file.path, render(file, { ...plain, features }));
  for (const { part, manifest, view, replaces } of jobs) {
    for (const file of part.once) addFile(tree, servicePath(file.path, view), render(file, view), replaces);
    for (const each of instanceViews(manifest, view)) {
      for (const file of part.each) addFile(tree, instancePath(file.path, each), render(file, each), replaces);
    }
  }
  for (const [path, content] of await contractFiles(record, contracts)) addFile(tree, path, { content });
  const hasInstances = Object.values(record.instances).some((all) => all.length > 0);
  for (const { part, manifest, view, from } of jobs) {
    for (const file of part.merge) await contribute(tree, file.path, render(file, view), `${from}/merge`, hasInstances);
    for (const each of instanceViews(manifest, view)) {
      for (const file of part.mergeEach) {
        await contribute(tree, instancePath(file.path, each), render(file, each), `${from}/merge-each`, true);
      }
    }
  }
  const texts = [...tree].map(([path, { content }]) => [path, content] as const);
  for (const [path, content] of await generatedCode(texts)) addFile(tree, path, { content });
  const placed = [...tree].flatMap(([path, file]): [string, RenderedFile][] => {
    const place = placeFile(path, record);
    return place === undefined ? [] : [[place, { ...file, content: inContractForm(path, file.content) }]];
  });
  return new Map(placed.sort(([a], [b]) => (a < b ? -1 : 1)));
}
