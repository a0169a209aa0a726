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
  const full = candidates(scope, name).find((candidate) => symbols.has(candidate));
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

/** From the innermost scope outwards. */
function candidates(scope: string, name: string): string[] {
  if (name.startsWith('.')) return [name.slice(1)];
  const parts = scope === '' ? [] : scope.split('.');
  return Array.from({ length: parts.length + 1 }, (_, index) =>
    [...parts.slice(0, parts.length - index), name].join('.'),
  );
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
