import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { absent } from './absent.ts';

/**
 * Where a path (absolute) really is, links followed; the end of it need not exist. Undefined where a link on the way
 * leads nowhere.
 */
export async function realPlace(path: string): Promise<string | undefined> {
  if (!(await lstat(path).catch(absent))) {
    const parent = await realPlace(dirname(path));
    return parent && join(parent, basename(path));
  }
  return realpath(path).catch(absent);
}
