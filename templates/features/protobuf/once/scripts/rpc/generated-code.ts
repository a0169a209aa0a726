import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buf } from './buf.ts';

/** Where buf.gen.yaml puts the code of the contracts. */
export const folder = 'src/generated';

type Files = ReadonlyMap<string, string>;

/** A file of generated code that is not what the contracts make now. */
export interface Difference {
  path: string;
  what: 'is new' | 'changes' | 'is gone';
}

/** The code that the contracts make now. @throws Error with what buf says where they make none */
export async function generateCode(): Promise<Files> {
  const made = await mkdtemp(join(tmpdir(), 'generated-'));
  try {
    const complaints = await buf('generate', '--output', made);
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
    return await readFolder(join(made, folder));
  } finally {
    await rm(made, { recursive: true });
  }
}

export const readGenerated = (): Promise<Files> => readFolder(folder);

export function compareCode(before: Files, after: Files): Difference[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path): Difference[] => {
    if (before.get(path) === after.get(path)) return [];
    if (!before.has(path)) return [{ path, what: 'is new' }];
    return [{ path, what: after.has(path) ? 'changes' : 'is gone' }];
  });
}

export async function writeCode(differences: readonly Difference[], code: Files): Promise<void> {
  for (const { path } of differences) {
    const file = join(folder, path);
    const text = code.get(path);
    await mkdir(dirname(file), { recursive: true });
    if (text === undefined) await rm(file);
    else await writeFile(file, text);
  }
}

async function readFolder(root: string): Promise<Files> {
  const files = (await readdir(root, { recursive: true }).catch(() => [])).filter((file) => file.endsWith('_pb.ts'));
  return new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const)),
  );
}
