import {
  type DescriptorProto,
  type FileDescriptorProto,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import type { Import, ParsedFile, Reference } from './parse-proto.ts';
import { ProtoError } from './proto-error.ts';

/** What a name is, and the import that brings it. */
interface Symbol {
  type: Type.MESSAGE | Type.ENUM;
  by: string | undefined;
}

type Symbols = Map<string, Symbol>;

/** What may be missing of the imports, where no type of it is used. */
export interface Missing {
  /** By path: `is not there`. */
  why: ReadonlyMap<string, string>;
  /** Such a one is hardly where a type is. */
  isForOptions(path: string): boolean;
}

/**
 * Finds what the names of types in a file stand for, in itself and in what it imports.
 *
 * @param files all that it may import, by path
 * @returns the imports that a type is used of, or that are passed on
 * @throws ProtoError where a file or a type is not there
 */
export function link(
  { file, references, imports }: ParsedFile,
  files: ReadonlyMap<string, FileDescriptorProto>,
  missing: Missing = { why: new Map(), isForOptions: () => false },
): Set<string> {
  const symbols: Symbols = new Map();
  const used = new Set(file.publicDependency.map((index) => file.dependency[index] as string));
  const absent: { path: string; place: string; why: string }[] = [];
  for (const [index, path] of file.dependency.entries()) {
    const imported = files.get(path);
    if (imported) {
      collectWithPublic(imported, files, path, symbols);
      continue;
    }
    const { place } = imports[index] as Import;
    const why = missing.why.get(path);
    if (why === undefined || used.has(path))
      throw new ProtoError(place, `it imports ${path}, which ${why ?? 'is not there'}`);
    absent.push({ path, place, why });
  }
  const likely = absent.find(({ path }) => !missing.isForOptions(path)) ?? absent[0];
  // What a file says itself comes first.
  collect(file, undefined, symbols);
  for (const reference of references) {
    const symbol = resolve(reference, symbols);
    if (!symbol && likely)
      throw new ProtoError(likely.place, `it imports ${likely.path}, which ${likely.why}, and uses ${reference.name}`);
    if (!symbol) throw new ProtoError(reference.place, `there is no message and no enum ${reference.name} here`);
    if (symbol.by !== undefined) used.add(symbol.by);
  }
  return used;
}

function resolve({ scope, name, place, of }: Reference, symbols: Symbols): Symbol | undefined {
  const full = found(scope, name, symbols);
  const symbol = full === undefined ? undefined : symbols.get(full);
  if (!symbol) return undefined;
  const { type } = symbol;
  if ('field' in of) {
    of.field.type = type;
    of.field.typeName = `.${full}`;
    return symbol;
  }
  if (type !== Type.MESSAGE) throw new ProtoError(place, `a method takes and gives messages, and ${name} is none`);
  of.set(`.${full}`);
  return symbol;
}

/** Looked for from the innermost scope outwards. */
function found(scope: string, name: string, symbols: Symbols): string | undefined {
  if (name.startsWith('.')) return symbols.has(name.slice(1)) ? name.slice(1) : undefined;
  for (let around = scope; around !== ''; around = around.slice(0, Math.max(0, around.lastIndexOf('.')))) {
    if (symbols.has(`${around}.${name}`)) return `${around}.${name}`;
  }
  return symbols.has(name) ? name : undefined;
}

function collectWithPublic(
  file: FileDescriptorProto,
  files: ReadonlyMap<string, FileDescriptorProto>,
  by: string,
  symbols: Symbols,
): void {
  collect(file, by, symbols);
  for (const index of file.publicDependency) {
    const next = files.get(file.dependency[index] as string);
    if (next) collectWithPublic(next, files, by, symbols);
  }
}

function collect(file: FileDescriptorProto, by: string | undefined, symbols: Symbols): void {
  const prefix = file.package === '' ? '' : `${file.package}.`;
  const add = (name: string, type: Symbol['type']) => symbols.set(name, { type, by });
  const visit = ({ name, nestedType, enumType }: DescriptorProto, before: string) => {
    add(before + name, Type.MESSAGE);
    for (const one of enumType) add(`${before}${name}.${one.name}`, Type.ENUM);
    for (const one of nestedType) visit(one, `${before}${name}.`);
  };
  for (const one of file.messageType) visit(one, prefix);
  for (const one of file.enumType) add(prefix + one.name, Type.ENUM);
}
