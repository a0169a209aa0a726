import { UserError } from '../../errors.ts';
import type { ServiceRecord } from '../record.ts';
import { composer } from './compose.ts';
import type { RenderedFile, RenderedTree } from './plan.ts';
import type { Feature, TemplateFile, TemplateSet, View } from './template-set.ts';
import { TemplateError } from './template-sources.ts';
import { featureView, serviceView } from './view.ts';

type Tree = Map<string, RenderedFile>;

const render = (file: TemplateFile, view: View): RenderedFile => ({
  content: file.render(view),
  ...(file.mode !== undefined && { mode: file.mode }),
});

const instancePath = (path: string, view: View): string => path.replaceAll('__name__', view.instance?.name ?? '');

function addFile(tree: Tree, path: string, file: RenderedFile, view: View): void {
  if (tree.has(path)) {
    throw new UserError({
      code: 'NAME_TAKEN',
      what: `${path} would be made twice`,
      why: `The name "${view.instance?.name ?? ''}" is that of a file which every service has.`,
      fix: 'Choose another name.',
    });
  }
  tree.set(path, file);
}

async function contribute(tree: Tree, path: string, contribution: RenderedFile, from: string): Promise<void> {
  const present = tree.get(path);
  if (!present) {
    tree.set(path, contribution);
    return;
  }
  try {
    const content = await composer(path)?.(present.content, contribution.content);
    if (content !== undefined) tree.set(path, { ...present, content });
  } catch (error) {
    throw new TemplateError(`${from}/${path}`, error instanceof Error ? error.message : String(error));
  }
}

/** The views of a feature's instances, in the order of the record. */
function instanceViews(feature: Feature, view: View): View[] {
  const kind = feature.manifest.instances?.kind;
  return kind === undefined ? [] : (view.instances[kind] ?? []).map((instance) => ({ ...view, instance }));
}

/** Every file of a service: base, features, instances, contributions and README parts, in the order of their paths. */
export async function renderTree(record: ServiceRecord, templates: TemplateSet): Promise<RenderedTree> {
  const all = templates.features;
  const plain = serviceView(
    record,
    all.map(({ manifest }) => manifest),
  );
  const present = plain.features.map(({ id }) => {
    const feature = all.find(({ manifest }) => manifest.id === id) as Feature;
    return { feature, view: featureView(plain, feature.manifest, record.features[id] ?? {}) };
  });
  const readmes = new Map(
    present.map(({ feature, view }) => [feature.manifest.id, feature.readme?.render(view) ?? '']),
  );
  const features = plain.features.map((one) => ({ ...one, readme: readmes.get(one.id) ?? '' }));

  const tree: Tree = new Map();
  for (const file of templates.base) tree.set(file.path, render(file, { ...plain, features }));
  for (const { feature, view } of present) {
    for (const file of feature.once) addFile(tree, file.path, render(file, view), view);
    for (const each of instanceViews(feature, view)) {
      for (const file of feature.each) addFile(tree, instancePath(file.path, each), render(file, each), each);
    }
  }
  for (const { feature, view } of present) {
    const from = `templates/features/${feature.manifest.id}`;
    for (const file of feature.merge) await contribute(tree, file.path, render(file, view), `${from}/merge`);
    for (const each of instanceViews(feature, view)) {
      for (const file of feature.mergeEach) {
        await contribute(tree, instancePath(file.path, each), render(file, each), `${from}/merge-each`);
      }
    }
  }
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}
