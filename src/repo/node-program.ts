import { execFileSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('../../', import.meta.url));

/** The newest Node of a major version, fetched once from the registry by npx, and the environment in which it is `node`. */
export function nodeProgram(major: string): { node: string; version: string; env: NodeJS.ProcessEnv } {
  // The program itself and not npx's link to it: tests of generated services take folders of links off their PATH.
  const ask = ['--yes', '--package', `node@${major}`, '--', 'node', '--print', 'process.execPath'];
  const node = execFileSync('npx', ask, { cwd, encoding: 'utf8' }).trim();
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  return { node, version, env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` } };
}
