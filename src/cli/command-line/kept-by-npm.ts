import { UserError } from '../../errors.ts';
import { flagName } from '../../flag-name.ts';
import type { Command } from '../command.ts';

/** Options that npm has too: that it was given one says nothing about us. */
const npmsOwn = new Set(['yes', 'json', 'dryRun', 'diff', 'description']);

/**
 * `npm create microservice x --with redis` gives the flag to npm, which tells it in the environment and hands on the
 * rest: the service would be another one than was asked for.
 *
 * @throws UserError FLAGS_FOR_NPM
 */
export function refuseFlagsKeptByNpm(
  { options }: Command,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  if (env.npm_lifecycle_event !== 'npx') return;
  const kept = Object.entries(options).flatMap(([name, option]) => {
    const flag = flagName(name);
    const isGiven = argv.some((word) => word.replace(/^--(no-)?/, '').split('=')[0] === flag);
    const value = env[`npm_config_${flag.replaceAll('-', '_')}`];
    if (npmsOwn.has(name) || isGiven || value === undefined) return [];
    // npm has options called `git` and `install` of its own kind: only "no" is ours.
    return 'off' in option ? (value === 'false' ? [`--no-${flag}`] : []) : [`--${flag}`];
  });
  if (kept.length === 0) return;
  throw new UserError({
    code: 'FLAGS_FOR_NPM',
    what: `npm took ${kept.join(' and ')} for ${kept.length > 1 ? 'options' : 'an option'} of its own`,
    why: 'npm create hands on only what stands after two dashes.',
    fix: `Put them before your options: npm create microservice <name> -- ${kept.join(' ')} …`,
  });
}
