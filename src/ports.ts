/**
 * What the outside world hands in. Only `src/cli/` makes the real ones (tests make their own), so everything below
 * a command can be run without a terminal, a clock or a process.
 */

/** Where text for people and machines goes. */
export interface Output {
  write(text: string): void;
  isTerminal: boolean;
  /** Width in columns; 80 where nobody knows. */
  columns: number;
  /** True where colour is welcome: a terminal, and neither NO_COLOR nor --no-color. */
  color: boolean;
}

/** Long work that is worth telling of. On a terminal one moving line; in a pipe one plain line a step, on stderr. */
export interface Progress {
  step(text: string): void;
  done(text?: string): void;
  fail(text?: string): void;
}

/** Asks a person. Absent where nobody can answer: no terminal, CI, --yes. */
export interface Ask {
  text(question: {
    message: string;
    default?: string;
    validate?: (value: string) => string | true | Promise<string | true>;
  }): Promise<string>;
  confirm(question: { message: string; default: boolean }): Promise<boolean>;
  choose<T extends string>(question: {
    message: string;
    choices: readonly { value: T; name: string; description?: string }[];
    default?: T;
  }): Promise<T>;
  chooseMany<T extends string>(question: {
    message: string;
    choices: readonly { value: T; name: string; description?: string; checked?: boolean }[];
  }): Promise<T[]>;
}

export interface Ports {
  env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the working directory. */
  cwd: string;
  platform: NodeJS.Platform;
  now(): Date;
  stdout: Output;
  stderr: Output;
  progress: Progress;
  ask?: Ask;
  /** All of standard input as text; absent where that is a terminal, which would wait for ever. */
  input?(): Promise<string>;
  /** Aborted by the first Ctrl-C or SIGTERM; long work must stop and clean up. */
  signal: AbortSignal;
}
