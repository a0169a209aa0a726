import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, type Bench, median } from './bench.ts';
import { rivalPackage } from './rival-package.ts';
import { ratios, timeInTurn } from './time-commands.ts';

const root = new URL('../..', import.meta.url).pathname;

export const bench: Bench = {
  id: 'start-up',
  title: 'Start-up of the command line',
  how: 'Wall time of whole processes, run in turn; medians of the ratios of each round.',
  async run(tell) {
    const vite = join(rivalPackage('create-vite', { 'create-vite': '9.3.0' }), 'node_modules/create-vite/index.js');
    const work = mkdtempSync(join(tmpdir(), 'msvc-bench-'));
    const fresh = (name: string) => () => rmSync(join(work, name), { recursive: true, force: true });
    const env = { ...process.env, CI: '', NO_COLOR: '1' };
    try {
      tell('creating projects and asking for help, 15 rounds');
      const [ours = [], theirs = [], help = [], node = []] = timeInTurn(
        [
          {
            file: process.execPath,
            args: [join(root, 'bin/create-microservice.js'), 'ours', '--yes', '--no-install', '--no-git'],
            cwd: work,
            env,
            before: fresh('ours'),
          },
          {
            file: process.execPath,
            args: [vite, 'theirs', '--template', 'vanilla-ts', '--no-interactive'],
            cwd: work,
            env,
            before: fresh('theirs'),
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
