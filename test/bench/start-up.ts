import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, type Bench, median } from './bench.ts';
import { rivalPackage } from './rival-package.ts';
import { ratios, timeInTurn } from './time-commands.ts';

const root = new URL('../..', import.meta.url).pathname;
const memory = '/dev/shm';

export const bench: Bench = {
  id: 'start-up',
  title: 'Start-up of the command line',
  subject: 'tool',
  how: 'Wall time of whole processes, run in turn, files written to memory; medians of the ratios of each round.',
  async run(tell) {
    const vite = join(rivalPackage('create-vite', { 'create-vite': '9.3.0' }), 'node_modules/create-vite/index.js');
    const work = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'msvc-bench-'));
    // Nothing is deleted before the end, and files are written to memory where there is such a folder: to find an inode
    // for a new file, ext4 walks past those that were deleted in the last minutes (fs/ext4/ialloc.c, recently_deleted).
    // After some thousand, as this benchmark itself leaves, the same command takes three times as long.
    const folder = (): string => mkdtempSync(join(work, 'run-'));
    const env = { ...process.env, CI: '', NO_COLOR: '1' };
    try {
      tell('creating projects and asking for help, 15 rounds');
      const [ours = [], theirs = [], help = [], node = []] = timeInTurn(
        [
          {
            file: process.execPath,
            args: [join(root, 'bin/create-microservice.js'), 'ours', '--yes', '--no-install', '--no-git'],
            env,
            get cwd() {
              return folder();
            },
          },
          {
            file: process.execPath,
            args: [vite, 'theirs', '--template', 'vanilla-ts', '--no-interactive'],
            env,
            get cwd() {
              return folder();
            },
          },
          { file: process.execPath, args: [join(root, 'bin/msvc.js'), '--help'], cwd: work, env },
          { file: process.execPath, args: ['-e', '0'], cwd: work, env },
        ],
        15,
      );
      return [
        atMost('`create-microservice x --yes --no-install --no-git`, against create-vite', 1.5, ratios(ours, theirs)),
        atMost('`msvc --help`, against `node -e 0`', 1.5, ratios(help, node)),
        { what: 'for scale: `node -e 0` here', result: `${median(node).toFixed(0)} ms` },
      ];
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
};
