import { join, relative } from 'node:path';

interface Called {
  env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the program, as node was given it. */
  program: string;
  /** Absolute path of the working directory. */
  cwd: string;
}

/**
 * What a person types for `msvc` to run this one again: a service has it in its node_modules, which is on nobody's PATH.
 * `npm run`, `pnpm` and `npx` tell in the environment that it was them.
 */
export function calledAs({ env, program, cwd }: Called): string {
  if (env.npm_lifecycle_event === 'msvc')
    return env.npm_config_user_agent?.startsWith('pnpm/') ? 'pnpm msvc' : 'npm run msvc --';
  const path = program.replaceAll('\\', '/');
  const end = path.indexOf('/node_modules/');
  const isInstalled = end >= 0 && `${cwd.replaceAll('\\', '/')}/`.startsWith(`${path.slice(0, end)}/`);
  if (!isInstalled) return 'msvc';
  if (env.npm_lifecycle_event === 'npx') return 'npx msvc';
  // pnpm's link is a script that calls the file behind it.
  return relative(cwd, join(path.slice(0, end), 'node_modules/.bin/msvc'));
}

/** A text with every command of ours in it as it can be typed here. */
export const commandsAs = (called: string, commands: readonly string[]): ((text: string) => string) => {
  const ours = new RegExp(`(?<![\\w./:-])msvc(?= (?:${commands.join('|')})(?![\\w-]))`, 'g');
  return (text) => (called === 'msvc' ? text : text.replace(ours, called));
};
