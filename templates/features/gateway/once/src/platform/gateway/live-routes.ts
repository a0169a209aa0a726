import { readFile } from 'node:fs/promises';
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
  #text: string;
  #rules: Rules;
  #trouble: string | undefined;

  private constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.#rules = rulesOf(text, file);
  }

  /** @throws RoutesError with file, line and column */
  static async open(file: string): Promise<LiveRoutes> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new RoutesError([`${file} cannot be read (${error.code}): ROUTES_FILE says where it is`]);
    });
    return new LiveRoutes(file, text);
  }

  get rules(): Rules {
    return this.#rules;
  }

  /** Why the file as it is now is not in force. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** @returns whether something changed: the rules, or what is wrong with the file. */
  async refresh(): Promise<boolean> {
    const before = this.#trouble;
    try {
      const text = await readFile(this.#file, 'utf8').catch(() => {
        throw new RoutesError([`${this.#file} cannot be read`]);
      });
      this.#trouble = undefined;
      if (text === this.#text) return before !== undefined;
      this.#rules = rulesOf(text, this.#file);
      this.#text = text;
      return true;
    } catch (error) {
      this.#trouble = (error as RoutesError).problems.join('; ');
    }
    return this.#trouble !== before;
  }
}

function rulesOf(text: string, file: string): Rules {
  const { routes, cors } = parseRoutes(text, file);
  return { routes, cors, table: new RouteTable(routes) };
}
