import { CommanderError, Option, Command as Parser } from 'commander';
import type { Command, Flags } from '../command.ts';
import { formatHelp, type HelpStyle, listCommands } from './help.ts';
import { optionTerm } from './option-term.ts';
import type { Program } from './program.ts';
import { usageError } from './usage-error.ts';

/** What a command line asks for. */
export type Invocation = { kind: 'run'; command: Command; flags: Flags } | { kind: 'print'; output: string };

/** @throws UserError for anything that is not a command line of this program. */
export function parseCommandLine(program: Program, argv: readonly string[], style: HelpStyle): Invocation {
  let invocation: Invocation | undefined;
  let printed = '';
  const configure = (parser: Parser): Parser =>
    parser
      .exitOverride()
      .configureOutput({
        writeOut: (text) => {
          printed += text;
        },
        writeErr: () => {},
      })
      .helpOption('-h, --help', 'Show this help')
      .helpCommand(false)
      .configureHelp({ formatHelp: () => help(parser) });

  const help = (parser: Parser): string => {
    const command = program.only ?? program.commands.find((candidate) => candidate.name === parser.name());
    return command ? formatHelp(command, program, style) : listCommands(program, style);
  };

  const parserOf = (command: Command, parser: Parser): Parser => {
    configure(parser).allowExcessArguments(false);
    for (const [name, argument] of Object.entries(command.arguments)) {
      const dots = argument.many ? '...' : '';
      parser.argument(argument.required ? `<${name}${dots}>` : `[${name}${dots}]`);
    }
    for (const [name, option] of Object.entries(command.options)) parser.addOption(commanderOption(name, option));
    parser.option('--no-color', 'Plain text');
    return parser.action(() => {
      invocation = { kind: 'run', command, flags: givenFlags(command, parser) };
    });
  };

  const root = configure(new Parser(program.bin)).version(program.version, '-v, --version', 'Show the version');
  if (program.only) parserOf(program.only, root);
  else {
    root.usage('<command>').option('--no-color', 'Plain text');
    for (const command of program.commands) root.addCommand(parserOf(command, new Parser(command.name)));
  }
  const words = !program.only && argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
  try {
    root.parse(!program.only && words.length === 0 ? ['--help'] : words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, program, words);
  }
  return invocation ?? { kind: 'print', output: printed };
}

function commanderOption(name: string, spec: Command['options'][string]): Option {
  const option = new Option(optionTerm(name, spec));
  if (!('value' in spec)) return option;
  if (spec.choices) option.choices(spec.choices);
  // A list may be given as `a,b`, as `a b` quoted, or by the option twice.
  if (spec.list)
    option.argParser((value: string, before: readonly string[] | undefined) => [
      ...(before ?? []),
      ...value.split(/[\s,]+/).filter((item) => item !== ''),
    ]);
  if (spec.repeat)
    option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  return option;
}

function givenFlags(command: Command, parser: Parser): Flags {
  const flags: Record<string, Flags[string]> = {};
  Object.keys(command.arguments).forEach((name, index) => {
    const value = parser.processedArgs[index] as string | string[] | undefined;
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) flags[name] = value;
  });
  for (const name of Object.keys(command.options))
    if (parser.getOptionValueSource(name) === 'cli') flags[name] = parser.getOptionValue(name);
  return flags;
}
