import { type Fields, fieldsOf, follow, isFields, listOf, unescaped } from './document.ts';

/** A JSON Schema (2020-12) of the words that TypeBox checks and types. */
export type Schema = boolean | Fields;

/** `sent`: without what only answers have (`readOnly`). `received`: without what only requests have (`writeOnly`). */
type Use = 'sent' | 'received';

/** Formats that TypeBox checks; any other is a remark. */
const checkedFormats = new Set(
  `date date-time duration email hostname idn-email ipv4 ipv6 iri json-pointer time uri uri-reference uri-template url
   uuid`.split(/\s+/),
);

const types = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);

/** Words whose value is taken as it is, where it is of that type. */
const numbers =
  `minimum maximum minLength maxLength minItems maxItems minProperties maxProperties multipleOf minContains
   maxContains`.split(/\s+/);
const inner = ['not', 'contains', 'if', 'then', 'else'];
const lists = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const maps = ['properties', 'patternProperties', 'dependentSchemas'];
/** Words of other dialects, or that say how other schemas are found: a check without them could refuse what is right. */
const notTaken = ['$dynamicRef', '$recursiveRef', '$anchor', '$dynamicAnchor', 'unevaluatedItems', 'propertyNames'];

/** Schemas within each other before one has to wait: a long chain of references would take more stack than there is. */
const deepest = 600;

/**
 * The schemas of a document as they are needed, each once and by name in `definitions`, with `$ref: '#/$defs/<name>'`
 * between them. What is loosened on purpose: objects may have more fields than the document says
 * (`additionalProperties: false`), because a service may add to its answers.
 */
export class Schemas {
  readonly #root: Fields;
  readonly #note: (text: string) => void;
  readonly #names = new Map<string, string>();
  /** By reference: whether what is sent has another form than what is received. */
  readonly #differing = new Map<string, boolean>();
  /** Schemas that have their names and are still to be converted. */
  #waiting: (() => void)[] = [];
  #depth = 0;
  readonly definitions = new Map<string, Schema>();

  constructor(root: Fields, note: (text: string) => void) {
    this.#root = root;
    this.#note = note;
  }

  /** Keeps a schema under a name of its own; one that only refers to another is that other's name. */
  define(name: string, schema: unknown, use: Use): string {
    const [names, definitions] = [this.#names.size, this.definitions.size];
    let converted: Schema;
    try {
      converted = this.#convert(schema, use, name);
      // More may come while it is walked through.
      for (const convert of this.#waiting) convert();
    } catch (error) {
      // Nobody may find one half made, or one that refers to such a one.
      this.#depth = 0;
      for (const key of [...this.#names.keys()].slice(names)) this.#names.delete(key);
      for (const key of [...this.definitions.keys()].slice(definitions)) this.definitions.delete(key);
      throw error;
    } finally {
      this.#waiting = [];
    }
    const ref = isFields(converted) && Object.keys(converted).length === 1 ? converted.$ref : undefined;
    if (typeof ref === 'string') return ref.slice('#/$defs/'.length);
    const own = this.#unique(name);
    this.definitions.set(own, converted);
    return own;
  }

  #refer(ref: string, use: Use): Schema {
    const target = follow(this.#root, { $ref: ref });
    const place = target.ref ?? ref;
    const differs = use === 'sent' && this.#differs(place);
    const key = `${use === 'sent' && differs ? 'sent' : 'received'} ${place}`;
    const known = this.#names.get(key);
    if (known !== undefined) return { $ref: `#/$defs/${known}` };
    const where = unescaped(place.slice(place.lastIndexOf('/') + 1));
    const name = this.#unique(differs ? `${where}.sent` : where);
    this.#names.set(key, name);
    // Its place is kept before it is converted: it may hold itself.
    this.definitions.set(name, true);
    const convert = () => void this.definitions.set(name, this.#convert(target.value, use, where));
    if (this.#depth < deepest) convert();
    else this.#waiting.push(convert);
    return { $ref: `#/$defs/${name}` };
  }

  #unique(wanted: string): string {
    const name = wanted.replace(/[^\w.-]+/g, '_') || 'schema';
    if (!this.definitions.has(name)) return name;
    for (let count = 2; ; count += 1) if (!this.definitions.has(`${name}_${count}`)) return `${name}_${count}`;
  }

  /** Whether something that is reached from here is read only: then what is sent has another form. */
  #differs(ref: string): boolean {
    const seen = new Set([ref]);
    const look = (node: unknown): boolean => {
      if (Array.isArray(node)) return node.some(look);
      if (!isFields(node)) return false;
      if (node.readOnly === true || node.writeOnly === true) return true;
      if (typeof node.$ref !== 'string') return Object.values(node).some(look);
      seen.add(node.$ref);
      return false;
    };
    let differs = false;
    // What is added on the way has its turn too.
    for (const one of seen) {
      differs = this.#differing.get(one) ?? look(follow(this.#root, { $ref: one }).value);
      if (differs) break;
    }
    for (const one of differs ? [ref] : seen) this.#differing.set(one, differs);
    return differs;
  }

  #convert(node: unknown, use: Use, where: string): Schema {
    this.#depth += 1;
    const converted = this.#convertOne(node, use, where);
    this.#depth -= 1;
    return converted;
  }

  #convertOne(node: unknown, use: Use, where: string): Schema {
    if (typeof node === 'boolean') return node;
    if (!isFields(node)) return true;
    const isNullable = node.nullable === true;
    if (typeof node.$ref === 'string') return orNull(this.#refer(node.$ref, use), isNullable);
    const out: Record<string, unknown> = { ...this.#typeOf(node, where) };
    const strange = notTaken.filter((word) => node[word] !== undefined);
    for (const word of strange) this.#note(`${where}: ${word} is not looked at`);

    if (Array.isArray(node.enum)) out.enum = isNullable && !node.enum.includes(null) ? [...node.enum, null] : node.enum;
    if ('const' in node) out.const = node.const;
    for (const word of numbers) if (typeof node[word] === 'number') out[word] = node[word];
    for (const [word, bound] of [
      ['exclusiveMinimum', 'minimum'],
      ['exclusiveMaximum', 'maximum'],
    ] as const) {
      if (typeof node[word] === 'number') out[word] = node[word];
      // OpenAPI 3.0 says `true` beside the bound.
      else if (node[word] === true && out[bound] !== undefined) {
        out[word] = out[bound];
        delete out[bound];
      }
    }
    if (node.uniqueItems === true) out.uniqueItems = true;
    if (typeof node.format === 'string' && checkedFormats.has(node.format)) out.format = node.format;
    if (typeof node.pattern === 'string') {
      if (isPattern(node.pattern)) out.pattern = node.pattern;
      else this.#note(`${where}: its pattern is not looked at, since JavaScript cannot read it`);
    }

    for (const word of inner) if (node[word] !== undefined) out[word] = this.#convert(node[word], use, where);
    for (const word of lists)
      if (Array.isArray(node[word])) out[word] = node[word].map((one) => this.#convert(one, use, where));
    for (const word of maps) if (isFields(node[word])) out[word] = this.#map(node[word], use, where);
    if (isFields(out.patternProperties))
      out.patternProperties = Object.fromEntries(
        Object.entries(out.patternProperties).filter(([key]) => isPattern(key)),
      );
    this.#discriminate(node, out, where);
    if (isFields(out.properties) || Array.isArray(node.required)) this.#requireFields(node, out, use);
    if (isFields(node.dependentRequired)) out.dependentRequired = node.dependentRequired;

    // No word about the items types them as unknown.
    if (node.items !== undefined) out.items = this.#convert(node.items, use, where);
    else if (out.type === 'array' && out.prefixItems === undefined) out.items = {};
    const more = node.additionalProperties;
    if (isFields(more)) out.additionalProperties = this.#convert(more, use, where);
    else if (out.type === 'object' && Object.keys(out).length === 1) out.additionalProperties = true;

    return isNullable && out.type === undefined && out.enum === undefined ? orNull(out, true) : out;
  }

  #typeOf({ type, nullable }: Fields, where: string): Fields {
    if (type === undefined) return {};
    const named = (Array.isArray(type) ? type : [type]).filter((one) => types.has(one));
    if (named.length === 0) {
      this.#note(`${where}: the type ${JSON.stringify(type)} is none of JSON, and not looked at`);
      return {};
    }
    const all = nullable === true && !named.includes('null') ? [...named, 'null'] : named;
    return { type: all.length === 1 ? all[0] : all };
  }

  #map(map: Fields, use: Use, where: string): Fields {
    const hidden = use === 'sent' ? 'readOnly' : 'writeOnly';
    const kept = Object.entries(map).filter(([name, schema]) => name !== '__proto__' && !this.#is(schema, hidden));
    return Object.fromEntries(kept.map(([name, schema]) => [name, this.#convert(schema, use, `${where}.${name}`)]));
  }

  #is(schema: unknown, word: 'readOnly' | 'writeOnly'): boolean {
    return fieldsOf(schema)[word] === true || fieldsOf(follow(this.#root, schema).value)[word] === true;
  }

  #requireFields(node: Fields, out: Record<string, unknown>, use: Use): void {
    const properties = fieldsOf(node.properties);
    const hidden = use === 'sent' ? 'readOnly' : 'writeOnly';
    const required = listOf(node.required).filter(
      (name) => typeof name === 'string' && !(Object.hasOwn(properties, name) && this.#is(properties[name], hidden)),
    );
    if (required.length > 0) out.required = required;
  }

  /** Which form it is, is asked of the value and not of its discriminator: a form that fits is taken. */
  #discriminate(node: Fields, out: Record<string, unknown>, where: string): void {
    if (!isFields(node.discriminator)) return;
    this.#note(`${where}: its discriminator is not looked at, so any of its forms is taken`);
    if (out.oneOf === undefined || out.anyOf !== undefined) return;
    out.anyOf = out.oneOf;
    delete out.oneOf;
  }
}

const orNull = (schema: Schema, isNullable: boolean): Schema =>
  isNullable ? { anyOf: [schema, { type: 'null' }] } : schema;

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}
