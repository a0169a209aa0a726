import { memoize } from '../memoize.ts';
import { wordsOf } from '../technologies/words.ts';
import type { SecretUse } from './settings.ts';

/** What a name says about a value that nobody reads: an address, something that is none (a key, a password), or nothing. */
type Meaning = 'address' | 'key' | 'unclear';

const addressWord = /^(\w*(url|uri|dsn|hosts?|hostname|addr|address|server|endpoints?)|connection\w*|jdbc|datasource)$/;
/** Words that leave no doubt, even before "secret" or "key". */
const surelyAddress = /^(\w*(url|uri|dsn)|connection\w*)$/;
const keyWord = /(key|pub|crt|cer|cert|pem|p12|pfx|jks|password|passwd|pwd|passphrase|secret|token|licen[sc]e)$/;

const meaningOfName = memoize((name): Meaning => {
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  if (keyWord.test(last))
    return /(secret|key)$/.test(last) && words.some((word) => surelyAddress.test(word)) ? 'address' : 'key';
  if (words.some((word) => addressWord.test(word))) return 'address';
  return words.some((word) => /^jwt|token|password|licen[sc]e/.test(word)) ? 'key' : 'unclear';
});

const namesOf = ({ key, variable }: SecretUse): string[] =>
  [key, variable].filter((name): name is string => name !== undefined);

export function meaningOf(use: SecretUse): Meaning {
  if (use.proxy) return 'address';
  const meanings = namesOf(use).map(meaningOfName);
  return (
    meanings.find((meaning) => meaning === 'address') ?? meanings.find((meaning) => meaning === 'key') ?? 'unclear'
  );
}

const database = /database|db(_|$)|(^|_)pg|postgres|mysql|mariadb|sql|oracle|jdbc|datasource|mongo|redis|valkey/;

/** A password of a database: two that read it log in to one, wherever it is. */
export const isDatabaseLogin = (use: SecretUse): boolean =>
  meaningOf(use) === 'key' &&
  namesOf(use).some((name) => /pass|pwd/.test(wordsOf(name).join('_'))) &&
  [use.secret, ...namesOf(use)].some((name) => database.test(wordsOf(name).join('_')));

const relational = 'database|db|(^|_)pg|postgres(ql)?|mysql|mariadb|sql|jdbc|datasource';
/** Their addresses often name a server only, and the database is chosen in code. */
const withoutDatabase = /mongo|redis|valkey|influx|couch|arango|dynamo|elastic/;
const ends = (stores: string, end: string): RegExp => new RegExp(`(${stores})(_\\w+)?_?(${end})$`);
const databaseAddress = ends(relational, 'url|uri|dsn|connection(_?strings?)?');
const storeAddress = ends(
  `${relational}|mongo|redis|valkey`,
  'url|uri|dsn|connection(_?(strings?|name))?|hosts?|hostname|addr|address|server|endpoint',
);

/** What two services share that read this value: a database, a server, or nobody can say. */
export function storeNamedBy(use: SecretUse): 'database' | 'server' | undefined {
  if (use.key === undefined) return undefined;
  const names = namesOf(use).map((name) => wordsOf(name).join('_'));
  if (names.some((name) => databaseAddress.test(name)) && !names.some((name) => withoutDatabase.test(name)))
    return 'database';
  const isStore = names.some((name) => storeAddress.test(name));
  return isStore || (use.proxy && meaningOfName(use.key) === 'address') ? 'server' : undefined;
}
