import { type Contract, compareOpenApi } from '../../../../templates/base/scripts/contracts/compare-openapi.ts';
import type { Change } from '../../../../templates/base/scripts/contracts/compare-schemas.ts';
import { tellChanges } from '../../../../templates/base/scripts/contracts/tell-changes.ts';
import { fieldsOf, isFields, listOf } from './document.ts';
import type { ClientContract, Operation } from './operations.ts';

/** What changed for a client between two contracts, a line each, the breaking ones first; empty where nothing did. */
export function contractChanges(before: ClientContract, after: ClientContract): string[] {
  const changes = compareOpenApi(asDocument(before), asDocument(after)).map(withMethod(before, after));
  return changes.length === 0 ? [] : tellChanges(changes).split('\n');
}

/** Told by the method that somebody has called, as well as by its address. */
const withMethod = (before: ClientContract, after: ClientContract) => {
  const namesOf = ({ operations }: ClientContract) =>
    new Map([...operations].map(([name, { method, path }]) => [`${method} ${path}`, name]));
  const [called, now] = [namesOf(before), namesOf(after)];
  return (change: Change): Change => {
    const [address = ''] = /^\S+ \S+/.exec(change.place) ?? [];
    const name = called.get(address) ?? now.get(address);
    if (name === undefined) return change;
    const what = change.what.includes('operationId') ? `is called ${now.get(address)} now` : change.what;
    return { ...change, what, place: `${name} (${address})${change.place.slice(address.length)}` };
  };
};

/** The same contract in the one form that is compared: every reference resolved but those between schemas. */
function asDocument({ title, version, operations, definitions }: ClientContract): Contract {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, operation] of operations) {
    const { method, path } = operation;
    paths[path] = { ...paths[path], [method.toLowerCase()]: described(name, operation, definitions) };
  }
  return {
    info: { title, version },
    paths,
    components: { schemas: Object.fromEntries([...definitions].map(([name, schema]) => [name, inComponents(schema)])) },
  };
}

function described(
  name: string,
  { in: inputs, body, answer, needsKey }: Operation,
  definitions: ClientContract['definitions'],
): object {
  const places = { path: inputs.params, query: inputs.query, header: inputs.headers };
  const parameters = Object.entries(places).flatMap(([place, schema]) => {
    const { properties, required } = fieldsOf(schema === undefined ? undefined : definitions.get(schema));
    return Object.entries(fieldsOf(properties)).map(([parameter, one]) => ({
      name: parameter,
      in: place,
      required: listOf(required).includes(parameter),
      schema: inComponents(one),
    }));
  });
  const key = { name: 'idempotency-key', in: 'header', required: true, schema: { type: 'string' } };
  return {
    operationId: name,
    parameters: needsKey ? [...parameters, key] : parameters,
    ...(body && {
      requestBody: { required: !body.isOptional, content: { [body.type]: { schema: named(body.schema) } } },
    }),
    responses: {
      answer: answer ? { content: { 'application/json': { schema: named(answer.schema) } } } : {},
    },
  };
}

const named = (schema: string): object => ({ $ref: `#/components/schemas/${schema}` });

function inComponents(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(inComponents);
  if (!isFields(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([word, value]) =>
      word === '$ref' && typeof value === 'string'
        ? [word, value.replace('#/$defs/', '#/components/schemas/')]
        : [word, inComponents(value)],
    ),
  );
}
