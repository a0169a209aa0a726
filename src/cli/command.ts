import type { ExitCode } from '../errors.ts';
import type { Ports } from '../ports.ts';

/** What a shell offers for a value: words, paths, or what only a look around tells. Unlike `choices` it refuses nothing. */
export type Offers =
  | 'files'
  | 'folders'
  | readonly string[]
  | ((typed: Flags, ports: Ports) => Promise<readonly string[]>);

/** `--dry-run`: true where given. */
interface Switch {
  summary: string;
  group?: string;
  /** `short: 'A'` also gives `-A`. */
  short?: string;
}

/** `--no-git`, declared as `git`: false where given. */
interface OffSwitch extends Switch {
  off: true;
}

/** `--owner <team>`, `--with <a,b>` (list), `--format <json>` (choices). */
interface Value extends Switch {
  /** Word shown in the help between angle brackets. */
  value: string;
  list?: true;
  /** May be given several times; each value is taken as it is. */
  repeat?: true;
  /** `--print-rbac[=tier]`: true where no value is given. */
  optional?: true;
  choices?: readonly string[];
  offers?: Offers;
}

export type OptionSpec = Switch | OffSwitch | Value;

/** By the name in camel case: `dryRun` is `--dry-run`. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export interface ArgumentSpec {
  summary: string;
  required?: true;
  /** Takes every further argument; only the last may. */
  many?: true;
  offers?: Offers;
}

export type ArgumentSpecs = Readonly<Record<string, ArgumentSpec>>;

type FlagOf<O> = O extends { list: true } | { repeat: true }
  ? readonly string[]
  : O extends { optional: true }
    ? string | true
    : O extends { choices: readonly (infer C)[] }
      ? C
      : O extends { value: string }
        ? string
        : boolean;

/** What was given, and nothing else: no defaults, so that "given" stays a question a command can answer. */
export type FlagsOf<A, O> = { readonly [K in keyof O]?: FlagOf<O[K]> } & {
  readonly [K in keyof A]?: A[K] extends { many: true } ? readonly string[] : string;
};

export interface CommandResult {
  /** For stdout, with its last newline; in pieces where it may be many megabytes. */
  output: string | Iterable<string>;
  exitCode: ExitCode;
}

export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/**
 * One thing that `msvc` can do. A command translates: flags in, one call, text and exit code out. Its module is loaded
 * for every `--help`, so everything heavier than a table is imported inside `run`.
 */
export interface Command {
  name: string;
  /** One line, no full stop, for the list of commands. */
  summary: string;
  group: string;
  arguments: ArgumentSpecs;
  options: OptionSpecs;
  /** Command lines without the `$`, each with what it does. */
  examples: readonly (readonly [command: string, does: string])[];
  /** True where the person asked for JSON: errors are then printed as JSON too. */
  wantsJson?(flags: Flags): boolean;
  run(flags: Flags, ports: Ports): Promise<CommandResult>;
}

/** Types the flags of `run` from the declared arguments and options. */
export function defineCommand<const A extends ArgumentSpecs, const O extends OptionSpecs>(
  command: Omit<Command, 'arguments' | 'options' | 'run'> & {
    arguments?: A;
    options: O;
    run(flags: FlagsOf<A, O>, ports: Ports): Promise<CommandResult>;
  },
): Command {
  return {
    ...command,
    arguments: command.arguments ?? {},
    run: (flags, ports) => command.run(flags as FlagsOf<A, O>, ports),
  };
}
