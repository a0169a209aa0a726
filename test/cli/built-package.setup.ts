import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { build } from '../../src/dev/build.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder with the package as it is published, built from the source under test. */
    packageDir: string;
    /** Folder to put on PATH: `msvc` and `create-microservice` as npm links them. */
    binDir: string;
  }
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Builds the package once a run, in a folder of its own, so that a build of the checkout's `dist/` disturbs no test. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'msvc-package-'));
  const packageDir = join(folder, 'package');
  await mkdir(packageDir);
  for (const part of ['bin', 'package.json', 'LICENSE'])
    await cp(join(root, part), join(packageDir, part), { recursive: true });
  await build(join(packageDir, 'dist'));
  const binDir = join(folder, 'bin');
  await mkdir(binDir);
  for (const bin of ['msvc', 'create-microservice'])
    await symlink(join(packageDir, 'bin', `${bin}.js`), join(binDir, bin));
  project.provide('packageDir', packageDir);
  project.provide('binDir', binDir);
  return () => rm(folder, { recursive: true, force: true });
}
