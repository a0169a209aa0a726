import { create } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  DescriptorProto_ReservedRangeSchema,
  DescriptorProtoSchema,
  EnumDescriptorProto_EnumReservedRangeSchema,
  EnumDescriptorProtoSchema,
  EnumOptionsSchema,
  EnumValueDescriptorProtoSchema,
  EnumValueOptionsSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileOptionsSchema,
  FieldDescriptorProto_Label as Label,
  MessageOptionsSchema,
  MethodDescriptorProtoSchema,
  MethodOptionsSchema,
  OneofDescriptorProtoSchema,
  ServiceDescriptorProtoSchema,
  ServiceOptionsSchema,
  SourceCodeInfo_LocationSchema,
  SourceCodeInfoSchema,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import { Cursor, type LeftOut } from './cursor.ts';
import { entryName, jsonName } from './names.ts';
import { type Options, optionsOf, parseOption, parseOptionList } from './parse-options.ts';
import { type Token, tokenize } from './tokens.ts';

/** A name of a message or an enum that stands in a file, to be found once all files are read. */
export interface Reference {
  /** `inventory.v1.Item`: where it stands, so where it is looked for first. */
  scope: string;
  name: string;
  place: string;
  /** What it is the type of; of a method, whose `side` says which of the two. */
  of: { field: FieldDescriptorProto } | { set: (typeName: string) => void };
}

export interface ParsedFile {
  file: FileDescriptorProto;
  references: Reference[];
  /** Where each import stands, in the order of the imports. */
  imports: Import[];
}

export interface Import {
  /** Of its path. */
  place: string;
  /** The whole statement, and its path with the quotes. */
  statement: Span;
  path: Span;
}

type Span = Pick<Token, 'start' | 'end'>;

const scalars: ReadonlyMap<string, Type> = new Map([
  ['double', Type.DOUBLE],
  ['float', Type.FLOAT],
  ['int64', Type.INT64],
  ['uint64', Type.UINT64],
  ['int32', Type.INT32],
  ['fixed64', Type.FIXED64],
  ['fixed32', Type.FIXED32],
  ['bool', Type.BOOL],
  ['string', Type.STRING],
  ['bytes', Type.BYTES],
  ['uint32', Type.UINT32],
  ['sfixed32', Type.SFIXED32],
  ['sfixed64', Type.SFIXED64],
  ['sint32', Type.SINT32],
  ['sint64', Type.SINT64],
]);

const mapKeys = new Set(['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'bool', 'string']);
for (const fixed of ['fixed32', 'fixed64', 'sfixed32', 'sfixed64']) mapKeys.add(fixed);

/** As deep as protoc goes. */
const deepest = 32;

const largestNumber = 536_870_911;

/** Characters, as protoc takes them. */
const longestPackage = 511;

/**
 * A .proto file (proto3) as its descriptor, with the comments that belong to its parts. Names of types are not found yet.
 *
 * @param name its path, as others import it
 * @param leftOut collects options and extensions that only the compiler knows who has their files
 * @throws ProtoError with the place of what is wrong, or of what is not read here
 */
export function parseProto(name: string, text: string, leftOut?: LeftOut): ParsedFile {
  return new Parser(name, text, leftOut).parse();
}

class Parser {
  readonly #cursor: Cursor;
  readonly #file: FileDescriptorProto;
  readonly #references: Reference[] = [];
  readonly #imports: Import[] = [];

  constructor(name: string, text: string, leftOut: LeftOut | undefined) {
    this.#cursor = new Cursor(tokenize(name, text), leftOut);
    this.#file = create(FileDescriptorProtoSchema, { name, sourceCodeInfo: create(SourceCodeInfoSchema) });
  }

  parse(): ParsedFile {
    const cursor = this.#cursor;
    this.#syntax();
    const options: Options = {};
    while (!cursor.isOver) {
      const start = cursor.next;
      if (cursor.accept(';')) continue;
      if (cursor.accept('import')) this.#import(start);
      else if (cursor.accept('package')) this.#package(start);
      else if (cursor.is('option')) this.#option(options);
      else if (cursor.is('extend')) this.#extend();
      else if (cursor.accept('message')) {
        const { messageType } = this.#file;
        messageType.push(this.#message(start, this.#file.package, [4, messageType.length]));
      } else if (cursor.accept('enum')) {
        this.#file.enumType.push(this.#enum(start, [5, this.#file.enumType.length]));
      } else if (cursor.accept('service')) this.#service(start);
      else
        cursor.fail(
          `"${start.text}" begins nothing: a message, an enum, a service, an import or an option must be here`,
        );
    }
    const fileOptions = optionsOf(cursor, FileOptionsSchema, options);
    if (fileOptions) this.#file.options = fileOptions;
    return { file: this.#file, references: this.#references, imports: this.#imports };
  }

  #syntax(): void {
    const cursor = this.#cursor;
    const start = cursor.next;
    if (cursor.is('edition')) cursor.fail('editions are not read here yet: syntax = "proto3" is');
    if (!cursor.is('syntax')) cursor.fail('the first line must be syntax = "proto3";');
    cursor.take();
    cursor.expect('=');
    const { next } = cursor;
    const syntax = cursor.string('the syntax');
    if (syntax !== 'proto3') cursor.fail(`syntax = "proto3" is read here, not "${syntax}"`, next);
    this.#file.syntax = syntax;
    this.#end(start, [12]);
  }

  #import(start: Token): void {
    const cursor = this.#cursor;
    const { dependency, publicDependency, weakDependency } = this.#file;
    if (cursor.accept('public')) publicDependency.push(dependency.length);
    else if (cursor.accept('weak')) weakDependency.push(dependency.length);
    const first = cursor.next;
    const path = cursor.string('the path of a file');
    const span = { start: first.start, end: cursor.last.end };
    if (dependency.includes(path)) cursor.fail(`${path} is imported twice`, start);
    this.#end(start, [3, dependency.length]);
    this.#imports.push({
      place: first.place,
      statement: { start: start.start, end: cursor.last.end },
      path: span,
    });
    dependency.push(path);
  }

  #package(start: Token): void {
    if (this.#file.package !== '') this.#cursor.fail('a file has one package', start);
    this.#file.package = this.#cursor.path('the name of the package');
    if (this.#file.package.length > longestPackage)
      this.#cursor.fail(`the name of a package has at most ${longestPackage} characters`, start);
    this.#end(start, [2]);
  }

  #option(options: Options): void {
    const { start } = this.#cursor.expect('option');
    const isTaken = parseOption(this.#cursor, options);
    const { end } = this.#cursor.expect(';');
    if (!isTaken) this.#cursor.leftOut?.edits.push({ start, end, text: '' });
  }

  /** Options that a file gives to others are left out like those that are used. */
  #extend(): void {
    const cursor = this.#cursor;
    const leftOut = cursor.leftOut ?? cursor.fail('extensions are not read here yet');
    const { start } = cursor.take();
    cursor.path('the name of what is extended', true);
    if (!cursor.is('{')) cursor.expect('{');
    cursor.skipBlock();
    leftOut.edits.push({ start, end: cursor.last.end, text: '' });
  }

  #message(start: Token, scope: string, path: readonly number[]): DescriptorProto {
    const cursor = this.#cursor;
    if (path.length > 2 * deepest) cursor.fail(`messages within messages are read up to ${deepest} deep`, start);
    const message = create(DescriptorProtoSchema, { name: cursor.word('the name of a message') });
    const inside = join(scope, message.name);
    const options: Options = {};
    this.#begin(start, path);
    while (!cursor.accept('}')) {
      const first = cursor.next;
      if (cursor.isOver) cursor.fail(`the message ${message.name} never ends: "}" is missing`);
      if (cursor.accept(';')) continue;
      if (this.#isDeclaration('message')) {
        cursor.take();
        message.nestedType.push(this.#message(first, inside, [...path, 3, message.nestedType.length]));
      } else if (this.#isDeclaration('enum')) {
        cursor.take();
        message.enumType.push(this.#enum(first, [...path, 4, message.enumType.length]));
      } else if (this.#isDeclaration('oneof')) {
        cursor.take();
        this.#oneof(first, message, inside, path);
      } else if (cursor.is('option')) this.#option(options);
      else if (cursor.is('extend')) this.#extend();
      else if (cursor.accept('reserved')) {
        // The end of a range of a message is one after its last number.
        this.#reserved(message.reservedName, largestNumber, (first, last) =>
          message.reservedRange.push(create(DescriptorProto_ReservedRangeSchema, { start: first, end: last + 1 })),
        );
      } else if (['extensions', 'group', 'required'].some((word) => cursor.is(word))) {
        cursor.fail(`"${first.text}" is not of proto3, and not read here`);
      } else this.#field(message, inside, path);
    }
    const messageOptions = optionsOf(cursor, MessageOptionsSchema, options);
    if (messageOptions) message.options = messageOptions;
    addSyntheticOneofs(message);
    checkFields(message, cursor, start);
    return message;
  }

  /** `message Item {`: a type may be called `message` too. */
  #isDeclaration(word: string): boolean {
    return this.#cursor.is(word);
  }

  #oneof(start: Token, message: DescriptorProto, scope: string, path: readonly number[]): void {
    const cursor = this.#cursor;
    const index = message.oneofDecl.length;
    message.oneofDecl.push(create(OneofDescriptorProtoSchema, { name: cursor.word('the name of a oneof') }));
    this.#begin(start, [...path, 8, index]);
    while (!cursor.accept('}')) {
      if (cursor.isOver) cursor.fail('a oneof never ends: "}" is missing');
      if (cursor.accept(';')) continue;
      if (cursor.is('option')) {
        if (!cursor.leftOut) cursor.fail('options of a oneof are not read here yet');
        this.#option({});
      } else this.#field(message, scope, path, index);
    }
  }

  #field(message: DescriptorProto, scope: string, path: readonly number[], oneofIndex?: number): void {
    const cursor = this.#cursor;
    const start = cursor.next;
    const field = create(FieldDescriptorProtoSchema, {
      label: Label.OPTIONAL,
      ...(oneofIndex !== undefined && { oneofIndex }),
    });
    if (oneofIndex === undefined && cursor.accept('repeated')) field.label = Label.REPEATED;
    else if (oneofIndex === undefined && cursor.accept('optional')) field.proto3Optional = true;
    const isMap = cursor.is('map');
    const key = isMap ? this.#mapTypes(field, scope) : this.#type(field, scope);
    field.name = cursor.word('the name of a field');
    field.jsonName = jsonName(field.name);
    cursor.expect('=');
    field.number = this.#number('the number of a field');
    const options = parseOptionList(cursor);
    if (typeof options.json_name === 'string') {
      field.jsonName = options.json_name;
      delete options.json_name;
    }
    const fieldOptions = optionsOf(cursor, FieldOptionsSchema, options);
    if (fieldOptions) field.options = fieldOptions;
    this.#end(start, [...path, 2, message.field.length]);
    message.field.push(field);
    if (key) message.nestedType.push(this.#entry(field, key, scope));
  }

  #number(what: string): number {
    const { next } = this.#cursor;
    const number = this.#cursor.integer(what);
    if (number < 1 || number > largestNumber)
      this.#cursor.fail(`a number from 1 to ${largestNumber} must be here`, next);
    if (number >= 19_000 && number <= 19_999) this.#cursor.fail('the numbers from 19000 to 19999 are reserved', next);
    return number;
  }

  #type(field: FieldDescriptorProto, scope: string): undefined {
    const cursor = this.#cursor;
    const { place } = cursor.next;
    const name = cursor.path('a type', true);
    const scalar = scalars.get(name);
    if (scalar !== undefined) field.type = scalar;
    else this.#references.push({ scope, name, place, of: { field } });
    return undefined;
  }

  /** @returns the type of the key, and a field with that of the value. */
  #mapTypes(field: FieldDescriptorProto, scope: string): MapTypes | undefined {
    const cursor = this.#cursor;
    const word = cursor.take();
    // A message may be called so.
    if (!cursor.accept('<')) {
      this.#references.push({ scope, name: word.text, place: word.place, of: { field } });
      return undefined;
    }
    if (field.label === Label.REPEATED || field.proto3Optional || field.oneofIndex > 0)
      cursor.fail('a map stands alone: neither repeated nor optional', word);
    const { next } = cursor;
    const key = cursor.word('the type of the keys');
    if (!mapKeys.has(key)) cursor.fail(`the keys of a map are whole numbers, strings or bool, not ${key}`, next);
    cursor.expect(',');
    const value = create(FieldDescriptorProtoSchema, {
      name: 'value',
      number: 2,
      label: Label.OPTIONAL,
      jsonName: 'value',
    });
    this.#type(value, scope);
    cursor.expect('>');
    return { key: scalars.get(key) as Type, value };
  }

  /** A map is a list of entries on the wire. */
  #entry(field: FieldDescriptorProto, { key, value }: MapTypes, scope: string): DescriptorProto {
    const name = entryName(field.name);
    field.label = Label.REPEATED;
    field.type = Type.MESSAGE;
    field.typeName = `.${join(scope, name)}`;
    const keyField = { name: 'key', number: 1, label: Label.OPTIONAL, type: key, jsonName: 'key' };
    const entry = create(DescriptorProtoSchema, { name, field: [keyField], options: { mapEntry: true } });
    entry.field.push(value);
    return entry;
  }

  #reserved(names: string[], most: number, addRange: (start: number, end: number) => void): void {
    const cursor = this.#cursor;
    do {
      if (cursor.next.kind === 'string') names.push(cursor.string('a name'));
      else {
        const start = cursor.integer('a number');
        const last = () => (cursor.accept('max') ? most : cursor.integer('a number'));
        const end = cursor.accept('to') ? last() : start;
        if (end < start) cursor.fail('this range ends before it begins');
        addRange(start, end);
      }
    } while (cursor.accept(','));
    cursor.expect(';');
  }

  #enum(start: Token, path: readonly number[]) {
    const cursor = this.#cursor;
    const made = create(EnumDescriptorProtoSchema, { name: cursor.word('the name of an enum') });
    const options: Options = {};
    this.#begin(start, path);
    while (!cursor.accept('}')) {
      const first = cursor.next;
      if (cursor.isOver) cursor.fail(`the enum ${made.name} never ends: "}" is missing`);
      if (cursor.accept(';')) continue;
      if (cursor.is('option')) this.#option(options);
      else if (cursor.accept('reserved')) {
        this.#reserved(made.reservedName, 2 ** 31 - 1, (start, end) =>
          made.reservedRange.push(create(EnumDescriptorProto_EnumReservedRangeSchema, { start, end })),
        );
      } else {
        const name = cursor.word('the name of a value');
        cursor.expect('=');
        const value = create(EnumValueDescriptorProtoSchema, { name, number: cursor.integer('the number of a value') });
        const valueOptions = optionsOf(cursor, EnumValueOptionsSchema, parseOptionList(cursor));
        if (valueOptions) value.options = valueOptions;
        this.#end(first, [...path, 2, made.value.length]);
        made.value.push(value);
      }
    }
    if (made.value[0]?.number !== 0) cursor.fail(`the first value of the enum ${made.name} must be 0`, start);
    const enumOptions = optionsOf(cursor, EnumOptionsSchema, options);
    if (enumOptions) made.options = enumOptions;
    return made;
  }

  #service(start: Token): void {
    const cursor = this.#cursor;
    const service = create(ServiceDescriptorProtoSchema, { name: cursor.word('the name of a service') });
    const path = [6, this.#file.service.length];
    const options: Options = {};
    this.#begin(start, path);
    while (!cursor.accept('}')) {
      const first = cursor.next;
      if (cursor.isOver) cursor.fail(`the service ${service.name} never ends: "}" is missing`);
      if (cursor.accept(';')) continue;
      if (cursor.is('option')) this.#option(options);
      else {
        cursor.expect('rpc');
        const method = this.#method(first, [...path, 2, service.method.length]);
        if (service.method.some(({ name }) => name === method.name))
          cursor.fail(`the service ${service.name} has the method ${method.name} twice`, first);
        service.method.push(method);
      }
    }
    const serviceOptions = optionsOf(cursor, ServiceOptionsSchema, options);
    if (serviceOptions) service.options = serviceOptions;
    this.#file.service.push(service);
  }

  #method(start: Token, path: readonly number[]) {
    const cursor = this.#cursor;
    const method = create(MethodDescriptorProtoSchema, { name: cursor.word('the name of a method') });
    const side = (set: (typeName: string) => void): boolean => {
      cursor.expect('(');
      // As for protoc, it is the word here, whatever a message is called.
      const isStream = cursor.accept('stream');
      const { place } = cursor.next;
      const name = cursor.path('the message of a method', true);
      cursor.expect(')');
      this.#references.push({ scope: this.#file.package, name, place, of: { set } });
      return isStream;
    };
    if (side((typeName) => (method.inputType = typeName))) method.clientStreaming = true;
    cursor.expect('returns');
    if (side((typeName) => (method.outputType = typeName))) method.serverStreaming = true;
    if (!cursor.is('{')) {
      this.#end(start, path);
      return method;
    }
    const options: Options = {};
    this.#begin(start, path);
    while (!cursor.accept('}')) {
      if (cursor.isOver) cursor.fail(`the method ${method.name} never ends: "}" is missing`);
      if (!cursor.accept(';')) this.#option(options);
    }
    // Also where there are none between the braces, as compilers do.
    method.options = optionsOf(cursor, MethodOptionsSchema, options) ?? create(MethodOptionsSchema);
    return method;
  }

  #begin(start: Token, path: readonly number[]): void {
    this.#cursor.expect('{');
    this.#locate(start, path);
  }

  #end(start: Token, path: readonly number[]): void {
    this.#cursor.expect(';');
    this.#locate(start, path);
  }

  /** Notes the comments of what began with `start` and ended before the next token. */
  #locate({ leading, detached }: Token, path: readonly number[]): void {
    const { trailing } = this.#cursor.next;
    if (leading === undefined && trailing === undefined && detached.length === 0) return;
    this.#file.sourceCodeInfo?.location.push(
      create(SourceCodeInfo_LocationSchema, {
        path: [...path],
        leadingDetachedComments: [...detached],
        ...(leading !== undefined && { leadingComments: leading }),
        ...(trailing !== undefined && { trailingComments: trailing }),
      }),
    );
  }
}

interface MapTypes {
  key: Type;
  value: FieldDescriptorProto;
}

const join = (scope: string, name: string): string => (scope === '' ? name : `${scope}.${name}`);

/** Each optional field has a oneof of its own, after those that somebody wrote. */
function addSyntheticOneofs(message: DescriptorProto): void {
  const taken = new Set([...message.field, ...message.oneofDecl].map(({ name }) => name));
  for (const field of message.field.filter(({ proto3Optional }) => proto3Optional)) {
    let name = field.name.startsWith('_') ? field.name : `_${field.name}`;
    while (taken.has(name)) name = `X${name}`;
    taken.add(name);
    field.oneofIndex = message.oneofDecl.length;
    message.oneofDecl.push(create(OneofDescriptorProtoSchema, { name }));
  }
}

function checkFields({ name, field, reservedName, reservedRange }: DescriptorProto, cursor: Cursor, at: Token): void {
  const [names, numbers] = [new Set(reservedName), new Set<number>()];
  for (const one of field) {
    if (names.has(one.name))
      cursor.fail(`the message ${name} has the field ${one.name} twice, or reserves its name`, at);
    if (numbers.has(one.number)) cursor.fail(`the message ${name} has the number ${one.number} twice`, at);
    if (reservedRange.some(({ start, end }) => one.number >= start && one.number < end))
      cursor.fail(`the message ${name} reserves the number ${one.number}`, at);
    names.add(one.name);
    numbers.add(one.number);
  }
}
