import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { build } from '../../../src/repo/build.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface BuiltPackage {
  /** The package as it is published, built from the source under test. */
  packageDir: string;
  /** `msvc` and `create-microservice` as npm links them, and where they look for other programs. */
  path: string;
}

/**
 * Builds the package once for the calling test file, in a folder of its own, so that a build of the checkout's `dist/`
 * disturbs no test and the other way round. The values are there once tests run.
 */
export function useBuiltPackage(): BuiltPackage {
  const built: BuiltPackage = { packageDir: '', path: '' };
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'msvc-package-'));
    built.packageDir = join(folder, 'package');
    await mkdir(built.packageDir);
    for (const part of ['bin', 'package.json', 'LICENSE'])
      await cp(join(root, part), join(built.packageDir, part), { recursive: true });
    await build(join(built.packageDir, 'dist'));
    const binDir = join(folder, 'bin');
    await mkdir(binDir);
    for (const bin of ['msvc', 'create-microservice'])
      await symlink(join(built.packageDir, 'bin', `${bin}.js`), join(binDir, bin));
    built.path = `${binDir}${delimiter}${process.env.PATH}`;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return built;
}
