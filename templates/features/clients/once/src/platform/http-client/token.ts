import { readFile } from 'node:fs/promises';

/** Gives a bearer token that is valid now; called before every attempt. */
export type TokenProvider = () => Promise<string>;

const freshMs = 30_000;

/** From a file that is renewed in place, as Kubernetes does with projected service account tokens. */
export function tokenFromFile(file: string): TokenProvider {
  let token: Promise<string> | undefined;
  let readAt = 0;
  return () => {
    if (!token || Date.now() - readAt > freshMs) {
      readAt = Date.now();
      token = readFile(file, 'utf8').then((text) => text.trim());
      token.catch(() => {
        token = undefined;
      });
    }
    return token;
  };
}
