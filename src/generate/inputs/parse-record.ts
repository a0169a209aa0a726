import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import { nearest } from '../../nearest.ts';
import { JsonError, lineAt, parseJson, type Span } from '../formats/json-tree.ts';
import type { MapTree, Tree } from '../formats/tree.ts';
import {
  type Answers,
  type Instance,
  type PackageManager,
  recordSchema,
  type ServiceRecord,
  type SharedRepository,
} from '../record.ts';
import { compareVersions } from './compare-versions.ts';
import { whyNoDottedName, whyNoInstanceName, whyNoServiceName } from './names.ts';
import { isSupported, supported } from './package-manager.ts';
import { whyNoPlace } from './place.ts';
import { whyNo } from './service-fields.ts';

type Node = Tree<Span>;

const recordFields = [
  'schema',
  'generator',
  'name',
  'description',
  'context',
  'owner',
  'packageManager',
  'repository',
  'features',
  'instances',
];
const kebab = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

function broken(file: string, line: number, why: string): UserError {
  const sentence = harmlessLine(why);
  return new UserError({
    code: 'RECORD_BROKEN',
    what: `${harmlessLine(file)}:${line} is not the record of a service`,
    why: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`,
    fix: 'Correct that line, or take the file back from git: git checkout -- .msvc/service.json',
  });
}

const inConflict = (file: string, line: number): UserError =>
  new UserError({
    code: 'RECORD_BROKEN',
    what: `${harmlessLine(file)}:${line} holds a conflict`,
    why: 'git merged two branches that each changed what this service is.',
    fix: 'Join them, and all that follows from them: msvc resolve',
  });

const newer = (file: string, what: string, generator: string): UserError =>
  new UserError({
    code: 'RECORD_NEWER',
    what: `${harmlessLine(file)} was written by a newer create-microservice`,
    why: `${harmlessLine(what)}, and this is ${generator}; an older one would undo what the newer one made.`,
    fix: 'Use the one that its package.json names (npm run msvc -- …), or bring this one up to date',
  });

/**
 * The record in the text of `.msvc/service.json`. `file` is what messages call it, `generator` the version of the
 * templates at hand.
 *
 * @throws UserError RECORD_BROKEN with file and line, RECORD_NEWER where only a newer version can read it
 */
export function parseRecord(text: string, file: string, generator: string): ServiceRecord {
  const marker = text.split('\n').findIndex((line) => /^(<{7}|>{7})/.test(line));
  if (marker >= 0) throw inConflict(file, marker + 1);
  let document: Node;
  try {
    document = parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw broken(file, error.line, error.message);
    throw error;
  }
  const fail = (node: Node, why: string): never => {
    throw broken(file, lineAt(text, node.ref.start), why);
  };
  const asMap = (node: Node, what: string): MapTree<Span> =>
    node.kind === 'map' ? node : fail(node, `${what} must be an object`);
  const asText = (node: Node, what: string): string =>
    node.kind === 'leaf' && node.key.startsWith('"') ? JSON.parse(node.key) : fail(node, `${what} must be a text`);
  const fieldsOf = (node: MapTree<Span>): [string, Node][] =>
    [...node.entries].map(([key, value]) => [JSON.parse(key) as string, value]);

  const root = asMap(document, 'the record');
  const field = (name: string): Node => root.entries.get(`"${name}"`) ?? fail(root, `the field ${name} is missing`);
  const checked = (name: string, why: (value: string) => string | undefined): string => {
    const value = asText(field(name), name);
    const reason = why(value);
    return reason === undefined ? value : fail(field(name), `${name} cannot be "${value}": ${reason}`);
  };

  const schema = asText(field('schema'), 'schema');
  if (schema !== recordSchema) {
    if (/^msvc\.service\/\d+$/.test(schema)) throw newer(file, `Its schema is ${schema}`, generator);
    fail(field('schema'), `schema must be ${recordSchema}`);
  }
  const writtenBy = checked('generator', (value) => (/^\d+\.\d+\.\d+/.test(value) ? undefined : 'it is no version'));
  if (compareVersions(writtenBy, generator) > 0) throw newer(file, `It is of version ${writtenBy}`, generator);
  for (const [name, node] of fieldsOf(root)) {
    if (recordFields.includes(name)) continue;
    const meant = nearest(name, recordFields);
    fail(node, `nothing is called ${name} here${meant ? `; did you mean ${meant}?` : ''}`);
  }

  const answer = (node: Node, what: string): Answers[string] => {
    if (node.kind === 'list') return node.items.map((item) => asText(item, `an element of ${what}`));
    if (node.key === 'true' || node.key === 'false') return node.key === 'true';
    return asText(node, what);
  };
  const answers = (node: Node, what: string): Answers =>
    Object.fromEntries(fieldsOf(asMap(node, what)).map(([name, value]) => [name, answer(value, name)]));
  const identified = <T>(node: Node, what: string, read: (id: string, value: Node) => T): Record<string, T> =>
    Object.fromEntries(
      fieldsOf(asMap(node, what)).map(([id, value]) => {
        if (!kebab.test(id)) fail(value, `"${id}" cannot be one of the ${what}`);
        return [id, read(id, value)];
      }),
    );
  const instance = (node: Node, kind: string): Instance => {
    const { name, ...given } = answers(node, `each of ${kind}`);
    if (typeof name !== 'string') return fail(node, `each of ${kind} needs a name`);
    const why = name.includes('.') ? whyNoDottedName(name) : whyNoInstanceName(name);
    return why === undefined ? { ...given, name } : fail(node, `"${name}" cannot be one of the ${kind}: ${why}`);
  };

  const repository = (node: Node): SharedRepository => {
    const { folder, workspace, ...more } = answers(node, 'repository');
    const place = { folder, ...(workspace !== undefined && { workspace }) } as SharedRepository;
    const why = Object.keys(more).length > 0 ? 'it has a folder and a workspace alone' : whyNoPlace(place);
    return why === undefined ? place : fail(node, `repository cannot be so: ${why}`);
  };

  return {
    schema: recordSchema,
    generator: writtenBy,
    name: checked('name', whyNoServiceName),
    description: checked('description', whyNo.description),
    context: checked('context', whyNo.context),
    owner: checked('owner', whyNo.owner),
    packageManager: checked('packageManager', (value) =>
      isSupported(value) ? undefined : `it must be ${supported.join(' or ')}`,
    ) as PackageManager,
    ...(root.entries.has('"repository"') && { repository: repository(field('repository')) }),
    features: identified(field('features'), 'features', (id, node) => answers(node, id)),
    instances: identified(field('instances'), 'instances', (kind, node) => {
      if (node.kind !== 'list') return fail(node, `${kind} must be a list`);
      const all = node.items.map((item) => instance(item, kind));
      all.forEach(({ name }, index) => {
        if (all.findIndex((other) => other.name === name) < index)
          fail(node.items[index] as Node, `"${name}" is there twice`);
      });
      return all.sort((a, b) => (a.name < b.name ? -1 : 1));
    }),
  };
}
