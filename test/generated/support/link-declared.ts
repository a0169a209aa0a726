import { mkdir, readdir, readFile, readlink, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Gives a service the packages that its package.json declares, out of those that another one has installed. Nothing else
 * can be found from it (pnpm lays packages out like this too): what a feature imports and does not declare fails here,
 * as it would after an install of its own.
 */
export async function linkDeclared(service: string, installed: string): Promise<void> {
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(service, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const declared = Object.keys({ ...dependencies, ...devDependencies });
  const [from, to] = [join(installed, 'node_modules'), join(service, 'node_modules')];
  const link = async (name: string): Promise<void> => {
    await mkdir(dirname(join(to, name)), { recursive: true });
    await symlink(join(from, name), join(to, name));
  };
  for (const name of declared) await link(name);
  for (const bin of await readdir(join(from, '.bin'))) {
    const target = await readlink(join(from, '.bin', bin));
    if (declared.some((name) => target.startsWith(`../${name}/`))) await link(join('.bin', bin));
  }
}
