import type { OptionSpec } from './command.ts';

/** `dryRun` → `dry-run` */
export const flagName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `-o, --output <format>`, `--no-git`, `--dry-run` */
export function optionTerm(name: string, option: OptionSpec): string {
  if ('off' in option) return `--no-${flagName(name)}`;
  if (!('value' in option)) return `--${flagName(name)}`;
  const long = `--${flagName(name)} <${option.value}>`;
  return option.short ? `-${option.short}, ${long}` : long;
}
