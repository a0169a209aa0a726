import { flagName } from '../../flag-name.ts';
import type { OptionSpec } from '../command.ts';

/** `--no-git`, `--dry-run` */
export const longTerm = (name: string, option: OptionSpec): string =>
  `--${'off' in option ? 'no-' : ''}${flagName(name)}`;

/** `-o, --output <format>`, `--no-git`, `--dry-run` */
export function optionTerm(name: string, option: OptionSpec): string {
  const long = longTerm(name, option);
  if ('off' in option) return long;
  const short = option.short ? `-${option.short}, ` : '';
  if (!('value' in option)) return `${short}${long}`;
  const value = option.optional ? `[${option.value}]` : `<${option.value}>`;
  return `${short}${long} ${value}`;
}
