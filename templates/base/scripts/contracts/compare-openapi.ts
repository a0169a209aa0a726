import { type Change, compareSchemas, type Direction, plain, type Resolve, same } from './compare-schemas.ts';
import { mapOf } from './write-json.ts';

export interface Contract {
  info: { title: string; version: string };
  paths?: Record<string, Record<string, unknown>>;
  components?: { schemas?: Record<string, unknown> };
}

type Part = Record<string, unknown>;

const contentOf = (value: unknown): Part => mapOf(mapOf(value).content);

/** What changed for the callers of an HTTP API, operation by operation. */
export function compareOpenApi(before: Contract, after: Contract): Change[] {
  const [old, now] = [operationsOf(before), operationsOf(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  const changes = names.flatMap((name): Change[] => {
    const [a, b] = [old.get(name), now.get(name)];
    if (!b) return [{ place: name, what: 'is gone', isBreaking: true }];
    if (!a) return [{ place: name, what: 'is new', isBreaking: false }];
    return compareOperations(name, a, b, { before: resolver(before), after: resolver(after) });
  });
  const rest = ({ info: { version: _, ...info }, paths: _paths, ...others }: Contract) => ({ info, ...others });
  if (changes.length === 0 && !same(rest(before), rest(after))) {
    changes.push({ place: 'the document', what: 'says something else beside its operations', isBreaking: false });
  }
  return changes;
}

const operationsOf = ({ paths = {} }: Contract): Map<string, Part> =>
  new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, mapOf(operation)]),
    ),
  );

const resolver = ({ components }: Contract): Resolve => {
  const resolve = (schema: unknown, seen: readonly unknown[] = []): Part => {
    const name = /^#\/components\/schemas\/(.+)$/.exec(String(mapOf(schema).$ref))?.[1];
    const found = name === undefined ? undefined : components?.schemas?.[name];
    // Nothing is there: that it refers to it is all that can be said of it.
    return found === undefined || seen.includes(found) ? plain(schema) : resolve(found, [...seen, found]);
  };
  return (schema) => resolve(schema);
};

type Resolvers = { before: Resolve; after: Resolve };

function compareOperations(name: string, before: Part, after: Part, resolvers: Resolvers): Change[] {
  const changes: Change[] = [];
  const tell = (what: string, isBreaking: boolean, at = '') => changes.push({ place: name + at, what, isBreaking });
  const compare = (a: unknown, b: unknown, at: string, direction: Direction) =>
    changes.push(...compareSchemas(a, b, name + at, { directions: [direction], ...resolvers }));

  const parameters = (operation: Part) =>
    new Map((operation.parameters as Part[] | undefined)?.map((one) => [` ${one.in} ${one.name}`, one]));
  const [params, newParams] = [parameters(before), parameters(after)];
  for (const [at, one] of params) {
    const now = newParams.get(at);
    if (!now) tell('is gone', true, at);
    else {
      if (!one.required && now.required) tell('was optional and is required', true, at);
      compare(one.schema, now.schema, at, 'in');
    }
  }
  for (const [at, one] of newParams) {
    if (!params.has(at)) tell(one.required ? 'is new and required' : 'is new and optional', one.required === true, at);
  }

  if (!mapOf(before.requestBody).required && mapOf(after.requestBody).required)
    tell('is required now', true, ' request');
  compareContents(contentOf(before.requestBody), contentOf(after.requestBody), ' request', 'in');

  const [answers, newAnswers] = [mapOf(before.responses), mapOf(after.responses)];
  for (const status of new Set([...Object.keys(answers), ...Object.keys(newAnswers)])) {
    // Callers know that anything may fail; what a success is, they know from here.
    const isSuccess = !/^[45]|default/.test(status);
    if (!(status in newAnswers)) tell('is gone', isSuccess, ` ${status}`);
    else if (!(status in answers)) tell('is new', isSuccess, ` ${status}`);
    else compareContents(contentOf(answers[status]), contentOf(newAnswers[status]), ` ${status}`, 'out');
  }

  if (before.operationId !== after.operationId) tell('has another operationId, the name in generated clients', true);
  if (!same(before.security, after.security)) tell('asks for other rights', after.security !== undefined);
  if (changes.length === 0 && !same(before, after)) tell('is described in other words', false);
  return changes;

  function compareContents(a: Part, b: Part, at: string, direction: Direction): void {
    for (const type of Object.keys(a)) {
      if (type in b) compare(mapOf(a[type]).schema, mapOf(b[type]).schema, at, direction);
      else tell(`is no ${type} any more`, true, at);
    }
    for (const type of Object.keys(b)) if (!(type in a)) tell(`may be ${type}`, direction === 'out', at);
  }
}
