import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../../../package.json' with { type: 'json' };
import { build } from '../../../src/repo/build.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface BuiltPackage {
  /** The package as it is published, built from the source under test. */
  packageDir: string;
  /** The bins as npm links them, and where they look for other programs. */
  path: string;
}

/** Builds the package in a folder of its own, so that a build of the checkout's `dist/` disturbs no test and the other way round. */
export async function buildPackage({ published = false } = {}): Promise<BuiltPackage & { remove(): Promise<void> }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-package-')));
  const packageDir = join(folder, 'package');
  await mkdir(packageDir);
  for (const part of ['bin', 'package.json', 'LICENSE'])
    await cp(join(root, part), join(packageDir, part), { recursive: true });
  await build(join(packageDir, 'dist'), published);
  const binDir = join(folder, 'bin');
  await mkdir(binDir);
  for (const [name, file] of Object.entries(packageJson.bin)) await symlink(join(packageDir, file), join(binDir, name));
  return {
    packageDir,
    path: `${binDir}${delimiter}${process.env.PATH}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
