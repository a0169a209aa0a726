import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../cache-folder.ts';
import { everything, makeService } from '../generated/support/make-service.ts';

/**
 * The folder of a service with everything that has its packages installed, from which others link theirs. It is kept for
 * as long as the templates declare the same ones.
 */
export async function installedService(install: (cwd: string) => Promise<unknown>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'msvc-everything-'));
  try {
    const made = await makeService(everything, folder);
    const declared = await readFile(join(made, 'package.json'));
    const kept = cacheFolder(process.env, 'system', createHash('sha256').update(declared).digest('hex').slice(0, 16));
    if (existsSync(kept)) return kept;
    await install(made);
    await mkdir(dirname(kept), { recursive: true });
    // Whole or not at all. Of two that do this at once the second finds it done.
    await rename(made, kept).catch(async (error) => {
      if (!existsSync(kept)) throw error;
    });
    return kept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
