import { readdir } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import { realPlace } from './real-place.ts';

const leadsOut = (path: string): UserError =>
  new UserError({
    code: 'LINK_LEADS_OUT',
    what: `${harmlessLine(path)} is a symbolic link that leads out of the service`,
    why: 'Files of a service are read and written inside its folder only.',
    fix: `Replace the link by what it points to, or remove it: ${harmlessLine(path)}`,
  });

const leadsOutOfRepository = (path: string): UserError =>
  new UserError({
    code: 'LINK_LEADS_OUT',
    what: `On the way to ${harmlessLine(path)} is a symbolic link that leads out of the repository`,
    why: 'The pipeline of a service is read and written inside its repository only.',
    fix: 'Replace that link by what it points to, or remove it.',
  });

/**
 * The real place of a path in a project, links inside it followed; the file itself need not exist. `root` must be a
 * real path.
 *
 * @throws UserError LINK_LEADS_OUT where it leads elsewhere, or nowhere
 */
export async function insideProject(root: string, path: string): Promise<string> {
  const outside = pipeline.exec(path);
  if (outside) return insideRepository(root, outside[1] as string, path);
  const place = await insideFolder(root, path);
  if (place === undefined) throw leadsOut(path);
  return place;
}

/** The one file of a service that belongs to the repository around it. */
const pipeline = /^((?:\.\.\/)+)(\.github\/workflows\/[a-z0-9-]+\.yml)$/;

async function insideRepository(root: string, up: string, path: string): Promise<string> {
  const repository = join(root, up);
  const names = await readdir(repository);
  // Where the service was moved, the way up leads elsewhere: nothing of it is ours there.
  if (!['.git', 'package.json', 'pnpm-workspace.yaml'].some((name) => names.includes(name))) throw notARepository(path);
  const place = await insideFolder(repository, path.slice(up.length));
  if (place === undefined) throw leadsOutOfRepository(path);
  return place;
}

const notARepository = (path: string): UserError =>
  new UserError({
    code: 'NOT_A_REPOSITORY',
    what: `${harmlessLine(path)} lies in no repository`,
    why: 'The service was moved out of the repository that its record names, or that is gone.',
    fix: 'Put it back, or make it a repository of its own (git init); then: msvc update',
  });

async function insideFolder(root: string, path: string): Promise<string | undefined> {
  const place = await realPlace(join(root, ...path.split('/')));
  const way = place === undefined ? '' : relative(root, place);
  return way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : place;
}
