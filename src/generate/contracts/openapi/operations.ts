import { nameForms } from '../../inputs/name-forms.ts';
import { type Fields, fieldsOf, follow, isFields, listOf, NotExpressible, textOf } from './document.ts';
import { Schemas } from './schemas.ts';

/** One operation as the generated client keeps it; schemas by their names among the definitions. */
export interface Operation {
  /** For people: what it does, and whether it will go. */
  remark: string;
  method: string;
  /** With `{name}` for each of its path parameters. */
  path: string;
  /** Schemas of objects: what stands in the path, the query and the headers. */
  in: Readonly<{ params?: string; query?: string; headers?: string }>;
  body?: { schema: string; type: string; isOptional: boolean };
  /** Absent where a success has no content. */
  answer?: { schema: string; types: readonly string[] };
  /** The contract asks for an Idempotency-Key. */
  needsKey: boolean;
}

/** What a client is made of, and what it cannot do. */
export interface ClientContract {
  title: string;
  version: string;
  /** By the name of its method. */
  operations: ReadonlyMap<string, Operation>;
  definitions: Schemas['definitions'];
  /** One sentence each: what is left out, or looser than the contract. */
  notes: readonly string[];
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'];

/** Names that every object has, or that would make one wait for itself. */
const taken = new Set([...Object.getOwnPropertyNames(Object.prototype), 'then']);

/** Sent by the client itself, or none of a parameter's business (OpenAPI 3.1, 4.8.12.1). */
const ownHeaders = ['accept', 'content-type', 'authorization'];

/** Every operation that a JSON client can ask, in the order of the document. */
export function clientContract(root: Fields): ClientContract {
  const notes = new Set<string>();
  const note = (text: string): void => void notes.add(text);
  const schemas = new Schemas(root, note);
  const operations = new Map<string, Operation>();
  for (const [path, item] of Object.entries(fieldsOf(root.paths))) {
    const shared = fieldsOf(resolved(root, item, (why) => note(`${path} is left out: ${why}`)));
    for (const method of methods.filter((one) => isFields(shared[one]))) {
      const source = fieldsOf(shared[method]);
      const place = `${method.toUpperCase()} ${path}`;
      const name = methodName(textOf(source.operationId), method, path, operations);
      if (isFields(source.callbacks)) note(`${name} (${place}): its callbacks are not served`);
      try {
        operations.set(name, operationOf({ root, schemas, note, name, place, method, path, shared, source }));
      } catch (error) {
        if (!(error instanceof NotExpressible)) throw error;
        note(`${name} (${place}) is left out: ${error.message}`);
      }
    }
  }
  const kinds = Object.values(fieldsOf(fieldsOf(root.components).securitySchemes)).map(fieldsOf);
  for (const { type, in: where, name } of kinds)
    if (type === 'apiKey')
      note(`it may ask for a key in the ${String(where)} ${String(name)}, which nothing sends yet`);
  if (isFields(root.webhooks)) note('its webhooks are not served');
  const info = fieldsOf(root.info);
  return {
    title: textOf(info.title),
    version: textOf(info.version),
    operations,
    definitions: reachedFrom([...operations.values()], schemas.definitions),
    notes: [...notes],
  };
}

/** What is left without what only operations needed that are left out. */
function reachedFrom(operations: readonly Operation[], all: Schemas['definitions']): Schemas['definitions'] {
  const reached = new Set<string>();
  for (const { in: inputs, body, answer } of operations)
    for (const name of [...Object.values(inputs), body?.schema, answer?.schema])
      if (name !== undefined) reached.add(name);
  const look = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(look);
    if (!isFields(node)) return;
    if (typeof node.$ref === 'string') reached.add(node.$ref.slice('#/$defs/'.length));
    Object.values(node).forEach(look);
  };
  // What is added on the way has its turn too.
  for (const name of reached) look(all.get(name));
  return new Map([...all].filter(([name]) => reached.has(name)));
}

function resolved(root: Fields, node: unknown, fail: (why: string) => void): unknown {
  try {
    return follow(root, node).value;
  } catch (error) {
    if (!(error instanceof NotExpressible)) throw error;
    fail(error.message);
    return undefined;
  }
}

/** `operationId` as a method's name, or one made of method and path; never one that another operation has. */
function methodName(id: string, method: string, path: string, others: ReadonlyMap<string, unknown>): string {
  const words = path.replace(/\{([^}]*)\}/g, 'by-$1');
  const byPath = nameForms(`${method}-${words}`).camel;
  const given = id.includes('/') ? byPath : identifier(id);
  const name = given === '' || others.has(given) || taken.has(given) ? byPath : given;
  if (!others.has(name)) return name;
  for (let count = 2; ; count += 1) if (!others.has(`${name}${count}`)) return `${name}${count}`;
}

/** Letters in the middle of a word stay as they are: `getURL`, `listOrders`. */
function identifier(id: string): string {
  const [first = '', ...rest] = id.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const joined = first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  const lower = /^[A-Z]{2}/.test(joined) ? joined : joined.charAt(0).toLowerCase() + joined.slice(1);
  return /^[0-9]/.test(lower) ? `op${lower}` : lower;
}

interface Place {
  root: Fields;
  schemas: Schemas;
  note(text: string): void;
  name: string;
  /** `POST /v1/orders` */
  place: string;
  method: string;
  path: string;
  /** The path's own fields: parameters and servers of all its operations. */
  shared: Fields;
  source: Fields;
}

function operationOf(place: Place): Operation {
  const { root, path, method, source, shared } = place;
  const { params, query, headers, needsKey } = parametersOf(place);
  const names = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name as string);
  const missing = names.find((name) => !params.has(name));
  if (missing !== undefined) throw new NotExpressible(`nothing says what {${missing}} in its path is`);
  const body = bodyOf(place);
  const answer = answerOf(place);
  const summary = textOf(source.summary) || textOf(source.description) || textOf(shared.summary);
  const objects = { params, query, headers };
  return {
    remark: `${source.deprecated === true ? '@deprecated ' : ''}${summary.split('\n')[0]?.trim() ?? ''}`.trim(),
    method: method.toUpperCase(),
    path: `${pathOfServer(source.servers ?? shared.servers ?? root.servers)}${path}`,
    in: Object.fromEntries(
      Object.entries(objects).flatMap(([where, fields]) =>
        fields.size === 0 ? [] : [[where, place.schemas.define(`${place.name}.${where}`, objectOf(fields), 'sent')]],
      ),
    ),
    ...(body && { body }),
    ...(answer && { answer }),
    needsKey,
  };
}

/** `https://api.example.com/v1/` → `/v1`: the host is a setting of the client, what stands before each path is not. */
function pathOfServer(servers: unknown): string {
  const server = fieldsOf(listOf(servers)[0]);
  const defaults = fieldsOf(server.variables);
  const address = textOf(server.url).replace(/\{([^}]*)\}/g, (_, name) => textOf(fieldsOf(defaults[name]).default));
  try {
    return new URL(address, 'http://service').pathname.replace(/\/+$/, '');
  } catch {
    return '';
  }
}

interface Parameter {
  schema: unknown;
  isRequired: boolean;
}

type Parameters = Record<'params' | 'query' | 'headers', Map<string, Parameter>> & { needsKey: boolean };

function parametersOf({ root, shared, source, note, name: operation }: Place): Parameters {
  const found: Parameters = { params: new Map(), query: new Map(), headers: new Map(), needsKey: false };
  for (const listed of [...listOf(shared.parameters), ...listOf(source.parameters)]) {
    const parameter = fieldsOf(follow(root, listed).value);
    const { name: given, in: where } = parameter;
    const name = textOf(given);
    const lower = name.toLowerCase();
    const isRequired = parameter.required === true || where === 'path';
    if (name === '' || (where === 'header' && ownHeaders.includes(lower))) continue;
    if (where === 'header' && lower === 'idempotency-key') {
      found.needsKey = isRequired;
      continue;
    }
    const why = whyNotSent(parameter, root);
    if (why !== undefined) {
      if (isRequired) throw new NotExpressible(`${why} (${name})`);
      note(`${operation}: ${name} cannot be given: ${why}`);
      continue;
    }
    const place = where === 'path' ? 'params' : where === 'header' ? 'headers' : 'query';
    found[place].set(place === 'headers' ? lower : name, { schema: parameter.schema ?? true, isRequired });
  }
  return found;
}

/** Why a parameter cannot be written as `name=value`, or a list of values, by a plain client. */
function whyNotSent({ in: where, style, schema, content, explode, allowReserved }: Fields, root: Fields) {
  if (where === 'cookie') return 'it is sent as a cookie';
  if (!['path', 'query', 'header'].includes(textOf(where))) return 'it is sent neither in path, query nor headers';
  if (content !== undefined) return 'its value is a document of its own';
  const usual = where === 'query' ? 'form' : 'simple';
  if (style !== undefined && style !== usual) return `it is written in the style ${String(style)}`;
  if (allowReserved === true) return 'it is sent without being encoded';
  const { type } = fieldsOf(follow(root, schema).value);
  if (type === 'object') return 'its value is an object';
  if (type === 'array' && (where !== 'query' || explode === false)) return 'it is a list between commas';
  return undefined;
}

const objectOf = (fields: ReadonlyMap<string, Parameter>): Fields => ({
  type: 'object',
  required: [...fields].flatMap(([name, { isRequired }]) => (isRequired ? [name] : [])),
  properties: Object.fromEntries([...fields].map(([name, { schema }]) => [name, schema])),
});

const isJson = (type: string): boolean => /^application\/(?:[\w.+-]+\+)?json$/.test(type);

/** The JSON among the forms of a content, by its type without parameters. */
function jsonOf(content: unknown): [type: string, schema: unknown] | undefined {
  const forms = Object.entries(fieldsOf(content)).map(([type, form]): [string, unknown] => [
    (type.split(';')[0] as string).trim().toLowerCase(),
    fieldsOf(form).schema,
  ]);
  const any = forms.find(([type]) => type === '*/*' || type === 'application/*');
  const found = forms.find(([type]) => type === 'application/json') ?? forms.find(([type]) => isJson(type));
  return found ?? (any && ['application/json', any[1]]);
}

function bodyOf({ root, source, schemas, name }: Place): Operation['body'] {
  if (source.requestBody === undefined) return undefined;
  const { content, required } = fieldsOf(follow(root, source.requestBody).value);
  const json = jsonOf(content);
  if (!json)
    throw new NotExpressible(`its body is ${Object.keys(fieldsOf(content)).join(' or ') || 'of no known type'}`);
  const [type, schema] = json;
  return { schema: schemas.define(`${name}.body`, schema ?? true, 'sent'), type, isOptional: required !== true };
}

/** What the answers of a success have in common: one of their schemas fits. */
function answerOf({ root, source, schemas, name, method }: Place): Operation['answer'] {
  if (method === 'head') return undefined;
  const all = Object.entries(fieldsOf(source.responses));
  const successes = all.filter(([status]) => /^2(?:\d\d|XX)$/i.test(status));
  const counted = successes.length > 0 ? successes : all.filter(([status]) => status === 'default');
  const types = new Set<string>();
  const forms: unknown[] = [];
  let mayBeEmpty = false;
  for (const [status, listed] of counted) {
    const { content } = fieldsOf(follow(root, listed).value);
    if (Object.keys(fieldsOf(content)).length === 0) {
      mayBeEmpty = true;
      continue;
    }
    const json = jsonOf(content);
    if (!json) throw new NotExpressible(`its answer ${status} is ${Object.keys(fieldsOf(content)).join(' or ')}`);
    types.add(json[0]);
    if (!forms.some((other) => JSON.stringify(other) === JSON.stringify(json[1]))) forms.push(json[1] ?? true);
  }
  if (forms.length === 0) return undefined;
  const either = forms.length === 1 ? forms[0] : { anyOf: forms };
  const schema = schemas.define(`${name}.answer`, either, 'received');
  if (!mayBeEmpty) return { schema, types: [...types] };
  const orNothing = `${name}.answerOrNothing`;
  schemas.definitions.set(orNothing, { anyOf: [{ $ref: `#/$defs/${schema}` }, { type: 'undefined' }] });
  return { schema: orNothing, types: [...types] };
}
