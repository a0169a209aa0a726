import type { StepMethods } from '../contracts/protobuf/step-methods.ts';
import { developmentPorts } from '../inputs/development-ports.ts';
import { itself, splitPlace } from '../inputs/list.ts';
import { nameForms, rpcName } from '../inputs/name-forms.ts';
import type { FeatureManifest, Question } from '../manifest.ts';
import { type Answers, type Instance, type ServiceRecord, upFrom } from '../record.ts';
import { packageManagers } from './package-managers.ts';
import type { InstanceView, TemplateSet, View } from './template-set.ts';

/** Which methods of a client that calls by gRPC do what a step says; undefined for any other client. */
export type MethodsOf = (client: string, step: string) => StepMethods | undefined;

function elementView(element: string, { at }: Question, methodsOf: MethodsOf): object {
  if (at === undefined) return nameForms(element);
  const { name, place = name } = splitPlace(element);
  const rpc = place === itself ? undefined : methodsOf(place, name);
  return { ...nameForms(name), at: nameForms(place), isOwn: place === itself, ...(rpc && { rpc }) };
}

const placesOf = (elements: readonly string[]): string[] =>
  [...new Set(elements.map(splitPlace).map(({ name, place = name }) => place))].sort();

function answerView(questions: readonly Question[], answers: Answers, methodsOf: MethodsOf): Record<string, unknown> {
  const view: Record<string, unknown> = {};
  for (const question of questions) {
    const { name, kind, choices } = question;
    const answer = answers[name];
    view[name] =
      kind === 'list'
        ? (answer as readonly string[]).map((element) => elementView(element, question, methodsOf))
        : answer;
    if (question.at !== undefined) {
      const places = placesOf(answer as readonly string[]);
      view[`${name}Own`] = places.includes(itself);
      view[`${name}Rpc`] = places.filter((place) => methodsOf(place, '')).map(nameForms);
    }
    if (choices) view[`${name}Is`] = Object.fromEntries(choices.map(({ value }) => [value, value === answer]));
  }
  return view;
}

function instanceViews(all: readonly Instance[], questions: readonly Question[], methodsOf: MethodsOf): InstanceView[] {
  const ports = developmentPorts(all.map(({ name }) => name));
  return all.map((instance) => ({
    ...nameForms(instance.name),
    port: ports.get(instance.name),
    ...answerView(questions, instance, methodsOf),
  }));
}

/**
 * What goes into the annotations of `src/marks.ts`: clients and upstreams are the services called; an event says in
 * `direction` which way it goes, and in `subject` what it is called where that is not its name.
 */
function marksOf({ instances }: ServiceRecord): View['marks'] {
  const events = instances.events ?? [];
  const subjects = (way: 'publish' | 'subscribe'): string =>
    events
      .filter(({ direction }) => direction === way || (direction === 'direct' && way === 'publish'))
      .map((event) => (typeof event.subject === 'string' ? event.subject : event.name))
      .sort()
      .join(',');
  return {
    calls: [...new Set([...(instances.clients ?? []), ...(instances.upstreams ?? [])].map(({ name }) => name))]
      .sort()
      .join(','),
    publishes: subjects('publish'),
    subscribes: subjects('subscribe'),
  };
}

function repositoryView({ name, repository }: ServiceRecord): View['repository'] {
  const { folder, workspace } = repository ?? {};
  const member = workspace === undefined ? '' : workspace === '.' ? folder : folder?.slice(workspace.length + 1);
  const context = workspace ?? folder ?? '.';
  return {
    isShared: folder !== undefined,
    path: folder === undefined ? '' : `${folder}/`,
    folder: folder ?? '.',
    workflow: `.github/workflows/${folder === undefined ? 'service' : name}.yml`,
    isWorkspace: workspace !== undefined,
    hasOwnLock: workspace === undefined,
    context,
    lockPath: context === '.' ? '' : `${context}/`,
    member: member ?? '',
    up: upFrom(member ?? ''),
  };
}

/** What every template of a service sees, before the answers of one feature and the fields of one instance. */
export function serviceView(
  record: ServiceRecord,
  { features, published }: Pick<TemplateSet, 'features' | 'published'>,
  methodsOf: MethodsOf,
): View {
  const manifests = features.map(({ manifest }) => manifest);
  const { name, description, context, owner } = record;
  const present = manifests.filter(({ id }) => Object.hasOwn(record.features, id));
  const instances: Record<string, readonly InstanceView[]> = {};
  for (const { instances: kind } of manifests) {
    if (!kind) continue;
    instances[kind.kind] = instanceViews(record.instances[kind.kind] ?? [], kind.questions, methodsOf);
  }
  return {
    service: { ...nameForms(name), description, context, owner, rpc: rpcName(name) },
    generator: { version: record.generator, isPublished: published === true },
    repository: repositoryView(record),
    packageManager: packageManagers[record.packageManager],
    features: present
      .map(({ id, title, summary }) => ({ id, title, summary, readme: '' }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    has: Object.fromEntries(manifests.map(({ id }) => [id, Object.hasOwn(record.features, id)])),
    marks: marksOf(record),
    instances,
    answers: {},
  };
}

/** The view of one feature's templates. */
export const featureView = (view: View, { questions }: FeatureManifest, answers: Answers): View => ({
  ...view,
  answers: answerView(questions, answers, () => undefined),
});
