import { spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

/** What buf says, by lines; none where everything is well. @throws Error where it cannot be run */
export async function buf(...args: string[]): Promise<string[]> {
  const path = [resolve('node_modules/.bin'), process.env.PATH].join(delimiter);
  const child = spawn('buf', args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: path } });
  const ended = new Promise<number | null>((done, reject) => child.once('error', reject).once('exit', done));
  const [code, ...said] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code === 0) return [];
  const lines = said
    .join('')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.length > 0 ? lines : [`buf ${args[0]} ended with ${code}`];
}
