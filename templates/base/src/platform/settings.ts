import { redactText } from './redact.ts';

/** Typed settings from environment variables, read once at the start, so that a wrong one stops the service there. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface Field<T> {
  variable: string;
  /** What it is for: shown when it is missing. */
  what: string;
  secret: boolean;
  /** Value where the variable is absent or empty; without one the variable must be there. */
  fallback: ((env: Environment) => T) | undefined;
  /** Throws an Error that says what was expected, such as "an integer from 1 to 65535". */
  parse(raw: string): T;
}

interface Options<T> {
  what: string;
  secret?: boolean;
  /** May depend on others: `(env) => isProduction(env) ? 5000 : 0`. */
  default?: T | ((env: Environment) => T);
}

type Fields = Record<string, Field<unknown>>;
export type Values<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };
export type Settings<F extends Fields = Fields> = (env: Environment) => Values<F>;

export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is not complete:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/** @returns a function from an environment to typed values; it throws a SettingsError that names every problem at once. */
export function defineSettings<F extends Fields>(fields: F): Settings<F> {
  return (env) => {
    const problems: string[] = [];
    const values: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(fields)) {
      const raw = env[field.variable];
      try {
        if (raw !== undefined && raw !== '') values[key] = field.parse(raw);
        else if (field.fallback) values[key] = field.fallback(env);
        else problems.push(`${field.variable} is missing: ${field.what}`);
      } catch (error) {
        const got = field.secret || !raw ? '' : `, not "${redactText(raw)}"`;
        problems.push(`${field.variable} must be ${(error as Error).message}${got}: ${field.what}`);
      }
    }
    if (problems.length > 0) throw new SettingsError(problems);
    return values as Values<F>;
  };
}

/** Reads every group, so that one start names everything that is missing. */
export function checkSettings(groups: readonly Settings[], env: Environment): void {
  const problems = groups.flatMap((read) => {
    try {
      read(env);
      return [];
    } catch (error) {
      if (error instanceof SettingsError) return error.problems;
      throw error;
    }
  });
  if (problems.length > 0) throw new SettingsError(problems);
}

export const isProduction = (env: Environment): boolean => env.NODE_ENV === 'production';

/** A kind of its own: `parse` throws an Error that says what was expected. */
export function field<T>(variable: string, options: Options<T>, parse: (raw: string) => T): Field<T> {
  const { default: value, what, secret = false } = options;
  const fallback = typeof value === 'function' ? (value as (env: Environment) => T) : () => value as T;
  return { variable, what, secret, fallback: 'default' in options ? fallback : undefined, parse };
}

export const text = <T extends string | undefined = string>(variable: string, options: Options<T>): Field<T> =>
  field(variable, options, (raw) => raw as T);

export const integer = (variable: string, options: Options<number> & { min?: number; max?: number }): Field<number> =>
  field(variable, options, (raw) => {
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
    if (!/^-?\d+$/.test(raw) || Number(raw) < min || Number(raw) > max)
      throw new Error(`an integer from ${min} to ${max}`);
    return Number(raw);
  });

export const decimal = (variable: string, options: Options<number> & { min?: number; max?: number }): Field<number> =>
  field(variable, options, (raw) => {
    const { min = 0, max = Number.MAX_VALUE } = options;
    if (!/^-?\d*\.?\d+$/.test(raw) || Number(raw) < min || Number(raw) > max)
      throw new Error(`a number from ${min} to ${max}`);
    return Number(raw);
  });

export const oneOf = <const T extends string>(variable: string, choices: readonly T[], options: Options<T>): Field<T> =>
  field(variable, options, (raw) => {
    if (!choices.includes(raw as T)) throw new Error(`one of ${choices.join(', ')}`);
    return raw as T;
  });

/** An http(s) address. */
export const url = <T extends URL | undefined = URL>(variable: string, options: Options<T>): Field<T> =>
  field(variable, options, (raw) => parseUrl(raw, 'an http(s) address') as T);

/** One or more http(s) addresses, separated by commas. */
export const urls = (variable: string, options: Options<readonly URL[]>): Field<readonly URL[]> =>
  field(variable, options, (raw) =>
    raw.split(',').map((part) => parseUrl(part, 'http(s) addresses separated by commas')),
  );

function parseUrl(raw: string, expected: string): URL {
  const parsed = URL.parse(raw.trim());
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new Error(expected);
  return parsed;
}
