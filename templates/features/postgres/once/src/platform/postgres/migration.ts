import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Migration {
  name: string;
  /** What is sent to the server at once: the whole file, which is then one transaction, or its statements one by one. */
  parts: readonly string[];
  inTransaction: boolean;
}

/** First line of a file whose statements Postgres refuses inside a transaction. */
const marker = /^-- no transaction\s*$/m;

/** The `.sql` files of a folder, in the order of their names. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(names.map(async (name) => parseMigration(name, await readFile(join(folder, name), 'utf8'))));
}

/** Without a transaction, a `;` at the end of a line ends a statement. */
export function parseMigration(name: string, sql: string): Migration {
  if (!marker.test(sql.split('\n', 1)[0] ?? '')) return { name, parts: [sql], inTransaction: true };
  const parts = sql.split(/;[ \t]*$/m).filter((part) => part.replaceAll(/^\s*--.*$/gm, '').trim() !== '');
  return { name, parts, inTransaction: false };
}
