import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

interface Package {
  name: string;
  version: string;
  license?: string;
}

/**
 * Name, version and licence text of every library that ended up in a bundle.
 * @throws Error naming a library that states no licence.
 */
export async function licenceNotices(root: string, metafile: Metafile): Promise<string> {
  const notices = await Promise.all(bundledPackages(metafile).map((folder) => notice(join(root, folder))));
  return `create-microservice contains the following libraries.\n\n${notices.join(`\n${'-'.repeat(78)}\n\n`)}`;
}

/** Folders below `node_modules` of which at least one byte is in an output, sorted. */
function bundledPackages(metafile: Metafile): string[] {
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const folders = used.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

async function notice(folder: string): Promise<string> {
  const { name, version, license }: Package = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (!license) throw new Error(`${name}@${version} is bundled but states no licence in its package.json`);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
  const text = file ? (await readFile(join(folder, file), 'utf8')).trim() : `Licence: ${license}`;
  return `${name} ${version} (${license})\n\n${text}\n`;
}
