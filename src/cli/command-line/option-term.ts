import type { OptionSpec } from '../command.ts';

/** `dryRun` → `dry-run` */
export const flagName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `-o, --output <format>`, `--no-git`, `--dry-run` */
export function optionTerm(name: string, option: OptionSpec): string {
  if ('off' in option) return `--no-${flagName(name)}`;
  const short = option.short ? `-${option.short}, ` : '';
  if (!('value' in option)) return `${short}--${flagName(name)}`;
  const value = option.optional ? `[${option.value}]` : `<${option.value}>`;
  return `${short}--${flagName(name)} ${value}`;
}
