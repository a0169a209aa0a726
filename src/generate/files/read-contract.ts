import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { UserError } from '../../errors.ts';
import { harmlessLine, withoutSecrets } from '../../harmless.ts';
import { absent } from './absent.ts';

/** Bytes; the largest public contracts have about ten million. */
const largest = 16 * 1_048_576;
const patienceMs = 20_000;

/** A contract as it was found, and what messages call the place. */
export interface FoundContract {
  text: string;
  source: string;
}

interface Where {
  cwd: string;
  signal: AbortSignal;
}

/**
 * The text of a contract in a file, or behind an address that is asked once: of that host alone, without a login, without
 * following it elsewhere, and not for long.
 *
 * @throws UserError CONTRACT_NOT_FOUND, CONTRACT_TOO_LARGE, CONTRACT_ADDRESS, CONTRACT_NOT_REACHED
 */
export const readContract = (place: string, where: Where): Promise<FoundContract> =>
  isAddress(place) ? download(place, where.signal) : readText(place, where);

/**
 * Where the imports of a contract are looked for: in its folder, and in those above it, one of which is the root that they
 * begin at. What lies behind an address imports nothing from there.
 */
export const importsOf =
  (place: string, { cwd }: Pick<Where, 'cwd'>) =>
  async (path: string): Promise<string | undefined> => {
    if (isAddress(place)) return undefined;
    let folder = dirname(resolve(cwd, place));
    for (;;) {
      const file = join(folder, path);
      // What cannot be looked at is none of it: a path may be of any length.
      const found = await stat(file).catch(() => undefined);
      if (found?.isFile()) {
        if (found.size > largest) throw tooLarge(harmlessLine(relative(cwd, file)));
        return readFile(file, 'utf8');
      }
      const above = dirname(folder);
      if (above === folder) return undefined;
      folder = above;
    }
  };

const isAddress = (place: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(place);

async function readText(file: string, { cwd }: Where): Promise<FoundContract> {
  const source = harmlessLine(file);
  const path = resolve(cwd, file);
  // Asked before it is opened: a pipe would wait for somebody who writes.
  const found = await stat(path).catch(absent);
  if (!found?.isFile())
    throw new UserError({
      code: 'CONTRACT_NOT_FOUND',
      what: `There is no file ${source}`,
      why: 'A contract is a file, from this folder on, or an address that begins with https://.',
      fix: 'Give the path of the contract.',
    });
  if (found.size > largest) throw tooLarge(source);
  return { text: await readFile(path, 'utf8'), source };
}

async function download(address: string, interrupted: AbortSignal): Promise<FoundContract> {
  const url = checked(address);
  const source = withoutSecrets(harmlessLine(url.href));
  const late = AbortSignal.timeout(patienceMs);
  try {
    const answer = await fetch(url, {
      redirect: 'manual',
      credentials: 'omit',
      headers: { accept: 'application/json, application/yaml, text/yaml, */*;q=0.5' },
      signal: AbortSignal.any([interrupted, late]),
    });
    if (answer.status >= 300 && answer.status < 400) throw leadsElsewhere(source, url, answer.headers.get('location'));
    if (answer.status !== 200) throw notReached(source, `It answered ${answer.status}`);
    return { text: await bounded(answer, source), source };
  } catch (error) {
    interrupted.throwIfAborted();
    if (error instanceof UserError) throw error;
    if (late.aborted) throw notReached(source, `It took longer than ${patienceMs / 1_000} seconds`);
    const cause = (error as Error).cause ?? error;
    throw notReached(source, withoutSecrets(harmlessLine((cause as Error).message || 'It cannot be reached')));
  }
}

function checked(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const refuse = (why: string): UserError =>
    new UserError({
      code: 'CONTRACT_ADDRESS',
      what: `${withoutSecrets(harmlessLine(address))} is no address to read a contract from`,
      why,
      fix: 'Give an address such as https://payments.example.com/openapi.json, or download it and give the file.',
    });
  if (!url) throw refuse('It cannot be read as an address.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('Only http and https are asked.');
  if (url.username !== '' || url.password !== '')
    throw refuse('It holds a login, which shells and logs would keep; none is sent.');
  return url;
}

async function bounded(answer: Response, source: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body ?? []) {
    size += piece.length;
    if (size > largest) throw tooLarge(source);
    pieces.push(piece);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

const tooLarge = (source: string): UserError =>
  new UserError({
    code: 'CONTRACT_TOO_LARGE',
    what: `${source} is larger than ${largest / 1_048_576} MiB`,
    why: 'A contract of that size is none that people read.',
    fix: 'Give the part of it that this service needs, as a document of its own.',
  });

function leadsElsewhere(source: string, from: URL, location: string | null): UserError {
  const target = location !== null && URL.canParse(location, from.href) ? new URL(location, from).href : undefined;
  const shown = target === undefined ? undefined : withoutSecrets(harmlessLine(target));
  return new UserError({
    code: 'CONTRACT_NOT_REACHED',
    what: `${source} leads elsewhere`,
    why: 'No address is asked that was not given.',
    fix: shown === undefined ? 'Give the address that it leads to.' : `If that is right, give: ${shown}`,
  });
}

const notReached = (source: string, why: string): UserError =>
  new UserError({
    code: 'CONTRACT_NOT_REACHED',
    what: `${source} gave no contract`,
    why: `${why.replace(/\.$/, '')}.`,
    fix: 'Try again, or download it yourself and give the file.',
  });
