import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder } from '../cache-folder.ts';

const root = new URL('../..', import.meta.url).pathname;

export interface MadeService {
  folder: string;
  /** `msvc …` in it. */
  msvc(...args: string[]): void;
  /** `npm run build` */
  build(): void;
  /** Puts a file of this folder into one of the service's. */
  bring(file: string, into?: string): void;
}

/** An order-service as a person makes one, in the cache and anew each time, by a command line built from this source. */
export function makeService(bench: string, ...options: string[]): MadeService {
  const parent = cacheFolder(process.env, 'bench', bench);
  const folder = join(parent, 'order-service');
  rmSync(parent, { recursive: true, force: true });
  mkdirSync(parent, { recursive: true });
  const run = (cwd: string, ...args: string[]): void => {
    execFileSync(process.execPath, args, { cwd, stdio: 'ignore' });
  };
  run(root, '--import', 'tsx', 'src/repo/build.ts');
  run(parent, join(root, 'bin/create-microservice.js'), 'order-service', '--yes', '--no-git', ...options);
  return {
    folder,
    msvc: (...args) => run(folder, join(root, 'bin/msvc.js'), ...args),
    build: () => run(folder, '--import', 'tsx', 'scripts/build.ts'),
    bring: (file, into = '.') => copyFileSync(join(root, 'test/bench', file), join(folder, into, basename(file))),
  };
}
