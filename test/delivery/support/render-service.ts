import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { readTemplates } from '../../../src/generate/files/read-templates.ts';
import { withInstance } from '../../../src/generate/inputs/change-record.ts';
import { newRecord } from '../../../src/generate/inputs/new-record.ts';
import { withPlace } from '../../../src/generate/inputs/place.ts';
import type { Answers, SharedRepository } from '../../../src/generate/record.ts';
import { renderTree } from '../../../src/generate/render/render-tree.ts';

const templates = readTemplates(fileURLToPath(new URL('../../../templates', import.meta.url)));

interface Wanted {
  features?: Readonly<Record<string, Answers>>;
  calls?: readonly string[];
  packageManager?: 'npm' | 'pnpm';
  repository?: SharedRepository;
}

/** A service as rendered, by path. */
export async function serviceFiles(
  name: string,
  { features = {}, calls = [], packageManager = 'npm', repository }: Wanted = {},
): Promise<ReadonlyMap<string, string>> {
  const set = await templates;
  const manifests = set.features.map(({ manifest }) => manifest);
  const alone = newRecord(
    { name, packageManager, features: { delivery: {}, example: {}, ...features } },
    set.version,
    manifests,
  );
  const placed = withPlace(alone, repository && { repository });
  const record = calls.reduce((result, called) => withInstance(result, 'clients', { name: called }, manifests), placed);
  return new Map([...(await renderTree(record, set))].map(([path, { content }]) => [path, content]));
}

/** What `msvc new --platform` writes, by path. */
export const platformFiles = async (): Promise<ReadonlyMap<string, string>> =>
  new Map((await templates).platform.map((file) => [file.path, file.render({})]));

/** The files in a folder of their own, gone when the test ends. */
export async function inFolder(files: ReadonlyMap<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'msvc-delivery-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}
