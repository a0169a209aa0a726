import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import { parseRecord } from '../inputs/parse-record.ts';
import type { DiskFile, Project } from '../plan/project.ts';
import { managedPath, recordPath } from '../record.ts';
import { absent } from './absent.ts';
import { insideProject } from './inside.ts';
import { recover } from './recover.ts';

/** The nearest folder upward that holds `.msvc/service.json`, as a real path. */
async function findRoot(from: string): Promise<string> {
  for (let dir = from; ; dir = dirname(dir)) {
    if (await stat(join(dir, recordPath)).catch(absent)) return realpath(dir);
    if (dir === dirname(dir)) break;
  }
  throw new UserError({
    code: 'NOT_A_SERVICE',
    what: `${harmlessLine(from)} is not in a service made by create-microservice`,
    why: `Neither here nor in a folder above is there a ${recordPath}.`,
    fix: 'Go to the folder of a service, or make one: msvc new <name>',
  });
}

/** UTF-8 text; `binary` where it is none. */
function decode(bytes: Buffer): Pick<DiskFile, 'content' | 'binary'> {
  try {
    return { content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { content: bytes.toString('latin1'), binary: true };
  }
}

async function readDiskFile(root: string, path: string): Promise<DiskFile | undefined> {
  const file = await insideProject(root, path);
  const found = await stat(file).catch(absent);
  if (!found) return undefined;
  if (!found.isFile()) {
    throw new UserError({
      code: 'NOT_A_FILE',
      what: `${harmlessLine(path)} is not a file`,
      why: 'A file of the service belongs at this place.',
      fix: `Move it away: ${harmlessLine(path)}`,
    });
  }
  return { ...decode(await readFile(file)), mode: found.mode & 0o777 };
}

async function readBase(root: string): Promise<Map<string, string>> {
  const dir = await insideProject(root, '.msvc/base');
  const entries = (await readdir(dir, { withFileTypes: true, recursive: true }).catch(absent)) ?? [];
  const base = new Map<string, string>();
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const path = managedPath(
      `.msvc/base/${file
        .slice(dir.length + 1)
        .split(/[\\/]/)
        .join('/')}`,
    );
    if (entry.isFile() && path !== undefined) base.set(path, await readFile(file, 'utf8'));
  }
  return new Map([...base].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The service that `from` (absolute) lies in: the nearest folder upward with `.msvc/service.json`. A run that was
 * killed before is finished or undone first. `generator` is the version of the templates.
 *
 * @throws UserError NOT_A_SERVICE, RECORD_BROKEN (with file and line), RECORD_NEWER, BUSY, LINK_LEADS_OUT
 */
export async function readProject(from: string, generator: string): Promise<Project> {
  const project = await readFiles(from);
  return { ...project, record: parseRecord(project.recordText, recordPath, generator) };
}

/** The same without a look into the record, which a merge may have left in no state to be read. */
export async function readFiles(from: string): Promise<Omit<Project, 'record'>> {
  const root = await findRoot(from);
  await recover(root);
  return {
    root,
    recordText: await readFile(await insideProject(root, recordPath), 'utf8'),
    base: await readBase(root),
    read: async (paths) => {
      const files = new Map<string, DiskFile>();
      for (const path of paths) {
        const file = await readDiskFile(root, path);
        if (file) files.set(path, file);
      }
      return files;
    },
  };
}
