import { readFile } from 'node:fs/promises';
import { SettingsError } from '../settings.ts';
import type { Cors, Route } from './route.ts';
import { parseRoutes, RoutesError } from './routes-file.ts';
import { RouteTable } from './table.ts';

/** What is in force, as one value: a request that began with it ends with it. */
export interface Rules {
  routes: readonly Route[];
  table: RouteTable;
  cors: Cors | undefined;
}

/**
 * The routes of a file, which may change while requests are under way. A file that is broken, or gone, changes nothing.
 * It is read again and compared, because a mounted ConfigMap is a chain of links that no watch sees through.
 */
export class LiveRoutes {
  readonly #file: string;
  readonly #check: (rules: Rules) => void;
  #text: string;
  /** As it was when it was last looked at. */
  #seen: string;
  #rules: Rules;
  #trouble: string | undefined;

  private constructor(file: string, text: string, check: (rules: Rules) => void) {
    this.#file = file;
    this.#check = check;
    this.#text = text;
    this.#seen = text;
    this.#rules = this.#read(text);
  }

  /**
   * @param check throws a SettingsError where the rules of a file that is right cannot be in force here
   * @throws RoutesError with file, line and column
   */
  static async open(file: string, check: (rules: Rules) => void): Promise<LiveRoutes> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new RoutesError([`${file} cannot be read (${error.code}): ROUTES_FILE says where it is`]);
    });
    return new LiveRoutes(file, text, check);
  }

  get rules(): Rules {
    return this.#rules;
  }

  /** Why the file as it is now is not in force. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /**
   * Takes what it sees for the second time: whoever saves a file may write it in pieces, and half of the routes may be
   * right in themselves.
   *
   * @returns whether something changed: the rules, or what is wrong with the file.
   */
  async refresh(): Promise<boolean> {
    const before = this.#trouble;
    try {
      const text = await readFile(this.#file, 'utf8').catch(() => {
        throw new RoutesError([`${this.#file} cannot be read`]);
      });
      const isSettled = text === this.#seen;
      this.#seen = text;
      if (!isSettled) return false;
      this.#trouble = undefined;
      if (text === this.#text) return before !== undefined;
      this.#rules = this.#read(text);
      this.#text = text;
      return true;
    } catch (error) {
      this.#trouble = error instanceof SettingsError ? error.problems.join('; ') : (error as Error).message;
    }
    return this.#trouble !== before;
  }

  #read(text: string): Rules {
    const { routes, cors } = parseRoutes(text, this.#file);
    const rules = { routes, cors, table: new RouteTable(routes) };
    this.#check(rules);
    return rules;
  }
}
