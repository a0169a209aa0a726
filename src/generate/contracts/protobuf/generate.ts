import { create } from '@bufbuild/protobuf';
import * as wellKnown from '@bufbuild/protobuf/wkt';
import { CodeGeneratorRequestSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { protocGenEs } from '@bufbuild/protoc-gen-es/dist/cjs/src/protoc-gen-es-plugin.js';
import { link } from './link.ts';
import { parseProto } from './parse-proto.ts';
import { ProtoError } from './proto-error.ts';

/** The options with which a service's own `buf generate` calls the generator. */
const parameter = 'target=ts,import_extension=ts';

/** Those that come with the runtime: `google/protobuf/timestamp.proto`. */
export const ofTheRuntime: ReadonlyMap<string, FileDescriptorProto> = new Map(
  Object.entries(wellKnown)
    .filter(([name]) => name.startsWith('file_google_protobuf_'))
    .map(([, file]) => (file as { proto: FileDescriptorProto }).proto)
    .map((proto) => [proto.name, proto]),
);

export interface Contract {
  /** The generated code by its path: `inventory/v1/inventory_pb.ts`. */
  code: ReadonlyMap<string, string>;
  /** In the order in which each comes after what it imports. */
  files: readonly FileDescriptorProto[];
}

/**
 * What `buf generate` with protoc-gen-es makes of these files, without a compiler on this machine.
 *
 * @param sources by the path under which they import each other
 * @throws ProtoError for the first that is wrong
 */
export function generateCode(sources: ReadonlyMap<string, string>): Contract {
  const parsed = new Map([...sources].map(([path, text]) => [path, parseProto(path, text)]));
  const known = new Map([...ofTheRuntime, ...[...parsed].map(([path, { file }]) => [path, file] as const)]);
  for (const one of parsed.values()) link(one, known);
  checkNamesDiffer([...parsed.values()].map(({ file }) => file));
  const protoFile = inOrder([...sources.keys()], known);
  const request = create(CodeGeneratorRequestSchema, {
    fileToGenerate: [...sources.keys()],
    parameter,
    protoFile,
    sourceFileDescriptors: [...parsed.values()].map(({ file }) => file),
  });
  const { file } = protocGenEs.run(request);
  return {
    code: new Map(file.map(({ name, content }) => [name, content])),
    files: protoFile.filter(({ name }) => sources.has(name)),
  };
}

/** A name is of one thing, whichever files it is in. */
function checkNamesDiffer(files: readonly FileDescriptorProto[]): void {
  const owners = new Map<string, string>();
  for (const { name: path, package: scope, messageType, enumType, service } of files) {
    for (const { name } of [...messageType, ...enumType, ...service]) {
      const full = scope === '' ? name : `${scope}.${name}`;
      const owner = owners.get(full);
      if (owner !== undefined)
        throw new ProtoError(path, `${full} is ${owner === path ? 'there twice' : `in ${owner} too`}`);
      owners.set(full, path);
    }
  }
}

/** Each file after those that it imports. */
function inOrder(paths: readonly string[], known: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const done = new Map<string, FileDescriptorProto>();
  const visit = (path: string, before: readonly string[]): void => {
    if (before.includes(path)) throw new ProtoError(path, `it imports itself, by way of ${before.at(-1)}`);
    const file = known.get(path);
    if (!file || done.has(path)) return;
    for (const next of file.dependency) visit(next, [...before, path]);
    done.set(path, file);
  };
  for (const path of paths) visit(path, []);
  return [...done.values()];
}
