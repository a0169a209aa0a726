import type { FeatureManifest, Question } from '../manifest.ts';

/** What a template may say: a value, an object of known fields, or a list. Derived from the manifests. */
export type Shape = 'value' | { fields: ReadonlyMap<string, Shape> } | { items: Shape };

const object = (fields: Readonly<Record<string, Shape>>): Shape => ({ fields: new Map(Object.entries(fields)) });
const values = (...names: string[]): Record<string, Shape> => Object.fromEntries(names.map((name) => [name, 'value']));

const forms = values('name', 'camel', 'pascal', 'constant', 'title', 'snake', 'kebab');

/** Of a step that is called by gRPC. */
const method = object(values('name', 'call', 'input', 'message', 'isStandIn'));
const methods = object({ action: method, undo: method });

function answerShapes(questions: readonly Question[]): Record<string, Shape> {
  const shapes: Record<string, Shape> = {};
  for (const { name, kind, choices, at } of questions) {
    const element = object({ ...forms, ...(at !== undefined && { at: object(forms), isOwn: 'value', rpc: methods }) });
    shapes[name] = kind === 'list' ? { items: element } : 'value';
    if (at !== undefined) {
      shapes[`${name}Own`] = 'value';
      shapes[`${name}Rpc`] = { items: object(forms) };
    }
    if (choices) shapes[`${name}Is`] = object(values(...choices.map(({ value }) => value)));
  }
  return shapes;
}

const instanceShape = (questions: readonly Question[]): Shape =>
  object({ ...forms, ...values('port'), ...answerShapes(questions) });

/**
 * The shape of the `View` that a template of `feature` gets (none: base). `part` tells whether it is rendered once an
 * instance.
 */
export function viewShape(
  manifests: readonly FeatureManifest[],
  feature: FeatureManifest | undefined,
  part: 'once' | 'each',
): Shape {
  const kinds = manifests.flatMap(({ instances }) => (instances ? [instances] : []));
  const instance =
    part === 'each' && feature?.instances ? { instance: instanceShape(feature.instances.questions) } : {};
  return object({
    service: object({ ...forms, ...values('description', 'context', 'owner', 'rpc') }),
    generator: object(values('version', 'isPublished')),
    repository: object(
      values(
        'isShared',
        'path',
        'folder',
        'workflow',
        'isWorkspace',
        'hasOwnLock',
        'context',
        'lockPath',
        'member',
        'up',
      ),
    ),
    packageManager: object(values('name', 'version', 'lockfile', 'install', 'ci', 'run', 'exec', 'isNpm', 'isPnpm')),
    features: { items: object(values('id', 'title', 'summary', 'readme')) },
    has: object(values(...manifests.map(({ id }) => id))),
    marks: object(values('calls', 'publishes', 'subscribes')),
    instances: object(
      Object.fromEntries(kinds.map(({ kind, questions }) => [kind, { items: instanceShape(questions) }])),
    ),
    answers: object(answerShapes(feature?.questions ?? [])),
    ...instance,
  });
}
