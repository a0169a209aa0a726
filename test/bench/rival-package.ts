import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../cache-folder.ts';

/** A folder of the cache with these packages (name to exact version) installed, once. */
export function rivalPackage(name: string, dependencies: Readonly<Record<string, string>>): string {
  const folder = cacheFolder(process.env, 'bench', name);
  const wanted = JSON.stringify({ private: true, dependencies });
  const file = join(folder, 'package.json');
  if (existsSync(join(folder, 'installed')) && readFileSync(file, 'utf8') === wanted) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, wanted);
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder, stdio: 'ignore' });
  writeFileSync(join(folder, 'installed'), '');
  return folder;
}
