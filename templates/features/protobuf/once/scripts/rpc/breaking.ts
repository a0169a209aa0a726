import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { create, type DescFile, toBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { buf } from './buf.ts';
import { folder } from './generated-code.ts';

/**
 * What breaks those who call by the contracts as they were when the code was generated: that code holds them.
 *
 * @param paths of the generated files, below src/generated
 */
export async function breakingChanges(paths: Iterable<string>): Promise<string[]> {
  const before = new Map<string, FileDescriptorProto>();
  for (const path of paths) {
    const module = await import(pathToFileURL(resolve(folder, path)).href);
    for (const part of Object.values(module)) if (isFile(part)) collect(part, before, false);
  }
  const place = await mkdtemp(join(tmpdir(), 'contracts-'));
  try {
    const image = join(place, 'before.binpb');
    const set = create(FileDescriptorSetSchema, { file: [...before.values()] });
    await writeFile(image, toBinary(FileDescriptorSetSchema, set));
    return await buf('breaking', '--exclude-imports', '--against', image);
  } finally {
    await rm(place, { recursive: true });
  }
}

const isFile = (part: unknown): part is DescFile => (part as { kind?: unknown } | undefined)?.kind === 'file';

/** Each file after those that it imports; of those that are none of ours, buf is told (`is_import` of its own images). */
function collect(file: DescFile, into: Map<string, FileDescriptorProto>, isImport: boolean): void {
  for (const dependency of file.dependencies) collect(dependency, into, dependency.name.startsWith('google/'));
  if (into.has(file.name)) return;
  const importMark = { no: 8042, wireType: 2, data: Uint8Array.of(2, 8, 1) };
  into.set(file.name, isImport ? { ...file.proto, $unknown: [importMark] } : file.proto);
}
