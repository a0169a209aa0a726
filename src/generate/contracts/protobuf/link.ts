import {
  type DescriptorProto,
  type FileDescriptorProto,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import type { ParsedFile, Reference } from './parse-proto.ts';
import { ProtoError } from './proto-error.ts';

type Symbols = Map<string, Type.MESSAGE | Type.ENUM>;

/**
 * Finds what the names of types in a file stand for, in itself and in what it imports.
 *
 * @param files all that it may import, by path
 * @throws ProtoError where a file or a type is not there
 */
export function link(
  { file, references, importPlaces }: ParsedFile,
  files: ReadonlyMap<string, FileDescriptorProto>,
): void {
  const symbols: Symbols = new Map();
  collect(file, symbols);
  for (const [index, path] of file.dependency.entries()) {
    const imported = files.get(path);
    if (!imported) throw new ProtoError(importPlaces[index] as string, `it imports ${path}, which is not there`);
    collectWithPublic(imported, files, symbols);
  }
  for (const reference of references) resolve(reference, symbols);
}

function resolve({ scope, name, place, of }: Reference, symbols: Symbols): void {
  const full = found(scope, name, symbols);
  if (full === undefined) throw new ProtoError(place, `there is no message and no enum ${name} here`);
  const type = symbols.get(full) as Type;
  if ('field' in of) {
    of.field.type = type;
    of.field.typeName = `.${full}`;
    return;
  }
  if (type !== Type.MESSAGE) throw new ProtoError(place, `a method takes and gives messages, and ${name} is none`);
  of.set(`.${full}`);
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
  symbols: Symbols,
): void {
  collect(file, symbols);
  for (const index of file.publicDependency) {
    const next = files.get(file.dependency[index] as string);
    if (next) collectWithPublic(next, files, symbols);
  }
}

function collect(file: FileDescriptorProto, symbols: Symbols): void {
  const prefix = file.package === '' ? '' : `${file.package}.`;
  const visit = ({ name, nestedType, enumType }: DescriptorProto, before: string) => {
    symbols.set(before + name, Type.MESSAGE);
    for (const one of enumType) symbols.set(`${before}${name}.${one.name}`, Type.ENUM);
    for (const one of nestedType) visit(one, `${before}${name}.`);
  };
  for (const one of file.messageType) visit(one, prefix);
  for (const one of file.enumType) symbols.set(prefix + one.name, Type.ENUM);
}
