import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';

const leadsOut = (path: string): UserError =>
  new UserError({
    code: 'LINK_LEADS_OUT',
    what: `${harmlessLine(path)} is a symbolic link that leads out of the service`,
    why: 'Files of a service are read and written inside its folder only.',
    fix: `Replace the link by what it points to, or remove it: ${harmlessLine(path)}`,
  });

const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

/**
 * The real place of a path in a project, links inside it followed; the file itself need not exist. `root` must be a
 * real path.
 *
 * @throws UserError LINK_LEADS_OUT where it leads elsewhere, or nowhere
 */
export async function insideProject(root: string, path: string): Promise<string> {
  const outside = pipeline.exec(path);
  if (outside) return insideRepository(root, outside[1] as string, path);
  return insideFolder(root, path);
}

/** The one file of a service that belongs to the repository around it. */
const pipeline = /^((?:\.\.\/)+)(\.github\/workflows\/[a-z0-9-]+\.yml)$/;

async function insideRepository(root: string, up: string, path: string): Promise<string> {
  const repository = join(root, up);
  const names = await readdir(repository);
  // Where the service was moved, the way up leads elsewhere: nothing of it is ours there.
  if (!['.git', 'package.json', 'pnpm-workspace.yaml'].some((name) => names.includes(name))) throw notARepository(path);
  return insideFolder(repository, path.slice(up.length));
}

const notARepository = (path: string): UserError =>
  new UserError({
    code: 'NOT_A_REPOSITORY',
    what: `${harmlessLine(path)} lies in no repository`,
    why: 'The service lay deeper when its record was written, or the repository above it is gone.',
    fix: 'Look for its place anew: msvc update',
  });

async function insideFolder(root: string, path: string): Promise<string> {
  const wanted = join(root, ...path.split('/'));
  let existing = wanted;
  const missing: string[] = [];
  for (;;) {
    const found = await lstat(existing).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (found) break;
    missing.unshift(existing.slice(dirname(existing).length).replace(sep, ''));
    existing = dirname(existing);
  }
  const real = await realpath(existing).catch((error: unknown) => {
    if (isMissing(error)) throw leadsOut(path);
    throw error;
  });
  const place = join(real, ...missing);
  const way = relative(root, place);
  if (way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) throw leadsOut(path);
  return place;
}
