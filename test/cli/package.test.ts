import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { useBuiltPackage } from './support/built-package.ts';

const built = useBuiltPackage();
const exec = promisify(execFile);
const source = fileURLToPath(new URL('../../src/repo/create-microservice.ts', import.meta.url));

/** Every file below a folder: path, permission bits and a hash of the bytes. */
async function tree(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = await Promise.all(
    entries.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      const hash = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      return `${path.slice(folder.length + 1)} ${((await stat(path)).mode & 0o777).toString(8)} ${hash}`;
    }),
  );
  return files.sort();
}

describe('the packed package, installed elsewhere', () => {
  let home: string;
  let installed: string;

  beforeAll(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'msvc-packed-')));
    // The folder is built already: scripts would build it a second time.
    const { stdout } = await exec('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', home], {
      cwd: built.packageDir,
    });
    installed = join(home, 'elsewhere');
    // Offline: whatever it needed besides itself would have to be fetched, and fails.
    await exec('npm', ['install', '--offline', '--no-audit', '--prefix', installed, join(home, stdout.trim())], {
      cwd: home,
    });
    return () => rm(home, { recursive: true, force: true });
  });

  const bin = (name: string): string => join(installed, 'node_modules/.bin', name);

  test('brings its bins and nothing else', async () => {
    const { version } = JSON.parse(await readFile(join(built.packageDir, 'package.json'), 'utf8'));
    expect((await exec(bin('msvc'), ['--version'])).stdout).toBe(`${version}\n`);
    const packages = (await readdir(join(installed, 'node_modules'))).filter((name) => !name.startsWith('.'));
    expect(packages).toEqual(['create-microservice']);
    const files = await readdir(join(installed, 'node_modules/create-microservice'));
    expect(files.sort()).toEqual(['LICENSE', 'bin', 'dist', 'package.json']);
  });

  // npm warns of a script called `prepare` in a tarball, which is why the build after an install has another name.
  test('is installed for every shell without a word of warning', async () => {
    const [tarball = ''] = (await readdir(home)).filter((name) => name.endsWith('.tgz'));
    const prefix = join(home, 'global');
    const args = ['install', '--global', '--offline', '--no-audit', '--prefix', prefix, join(home, tarball)];
    const { stdout, stderr } = await exec('npm', args, { cwd: home });
    expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^\nadded 1 package in \S+\n$/), stderr: '' });
    for (const name of ['msvc', 'create-microservice', 'kubectl-msvc'])
      expect((await exec(join(prefix, 'bin', name), ['--help'], { cwd: home })).stdout).toContain(
        `Usage: ${name.replace('kubectl-', 'kubectl ')}`,
      );
  });

  test('generates what the source does, byte for byte, dotfiles and modes included', async () => {
    const args = ['order-service', '--calls', 'payments', '--no-install', '--no-git'];
    await exec(bin('create-microservice'), args, { cwd: home });
    const fromSource = join(home, 'from-source');
    await exec(process.execPath, ['--import', 'tsx', source, ...args, '--directory', fromSource]);
    const files = await tree(join(home, 'order-service'));
    expect(files.some((file) => file.startsWith('.gitignore '))).toBe(true);
    expect(files.some((file) => file.startsWith('.github/'))).toBe(true);
    expect(files).toEqual(await tree(fromSource));
  });

  test('shows the licence of every library in it', async () => {
    const notices = await readFile(
      join(installed, 'node_modules/create-microservice/dist/THIRD-PARTY-LICENSES.txt'),
      'utf8',
    );
    for (const name of ['commander', 'handlebars', 'inquirer', 'yaml', 'node-diff3', 'execa'])
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  });
});
