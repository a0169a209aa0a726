import type { CommanderError } from 'commander';
import { UserError } from '../../errors.ts';
import type { Program } from './program.ts';

interface Case {
  code: string;
  what(quoted: string): string;
  why: string;
}

/** What commander found wrong, by its stable code, in our words. */
const cases: Readonly<Record<string, Case>> = {
  'commander.unknownCommand': {
    code: 'UNKNOWN_COMMAND',
    what: (name) => `There is no command "${name}"`,
    why: 'The first word must be a command.',
  },
  'commander.unknownOption': {
    code: 'UNKNOWN_OPTION',
    what: (flag) => `There is no option ${flag}`,
    why: 'This command does not know it.',
  },
  'commander.missingArgument': {
    code: 'MISSING_ARGUMENT',
    what: (name) => `<${name}> is missing`,
    why: 'This command needs it.',
  },
  'commander.optionMissingArgument': {
    code: 'MISSING_VALUE',
    what: (flag) => `${flag} has no value`,
    why: 'This option needs one.',
  },
  'commander.excessArguments': {
    code: 'TOO_MANY_ARGUMENTS',
    what: () => 'Too many arguments',
    why: 'A value with spaces needs quotes; a list is written a,b without spaces.',
  },
  'commander.invalidArgument': {
    code: 'INVALID_VALUE',
    what: (flag) => `The value of ${flag} is not allowed`,
    why: 'Only certain values are.',
  },
};

/** Commander's complaint about a command line as an error of ours, with its suggestion in the fix. */
export function usageError(error: CommanderError, program: Program, words: readonly string[]): UserError {
  const command = program.only ? undefined : program.commands.find(({ name }) => name === words[0]);
  const help = `${program.bin}${command ? ` ${command.name}` : ''} --help`;
  const known = cases[error.code];
  const message = error.message.replace(/^error: /, '');
  if (!known)
    return new UserError({
      code: 'USAGE',
      what: message,
      why: 'The command line could not be read.',
      fix: `See: ${help}`,
    });
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? '';
  const similar = /\(Did you mean (?:one of )?(.+)\?\)/.exec(message)?.[1];
  const allowed = /Allowed choices are (.+)\./.exec(message)?.[1];
  return new UserError({
    code: known.code,
    what: known.what(quoted),
    why: allowed ? `It can be ${allowed}.` : known.why,
    fix: similar ? `Did you mean ${similar}? All of them: ${help}` : `See: ${help}`,
  });
}
