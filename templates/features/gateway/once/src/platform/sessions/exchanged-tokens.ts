import { forgetOld } from '../gateway/forget-old.ts';
import type { Provider } from './provider.ts';

/** Tokens that one replica keeps. */
const most = 10_000;
/** Milliseconds before its end at which a token is not given out any more: the upstream has to have some time with it. */
const earlyMs = 10_000;

/** A caller's token made into one for a single upstream (RFC 8693), once while it is good. */
export class ExchangedTokens {
  readonly #provider: Pick<Provider, 'exchange'>;
  readonly #now: () => number;
  readonly #kept = new Map<string, { token: Promise<string>; until: number }>();

  constructor(provider: Pick<Provider, 'exchange'>, now = () => Date.now()) {
    this.#provider = provider;
    this.#now = now;
  }

  /** @throws GrantRefused where the provider gives none for that caller; anything else may pass */
  get(token: string, audience: string): Promise<string> {
    const key = `${audience} ${token}`;
    const found = this.#kept.get(key);
    if (found && this.#now() < found.until) return found.token;
    const exchange = this.#provider.exchange(token, audience);
    const kept = { token: exchange.then(({ accessToken }) => accessToken), until: Infinity };
    exchange.then(
      ({ expiresAt }) => {
        kept.until = expiresAt - earlyMs;
      },
      () => this.#kept.delete(key),
    );
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const now = this.#now();
    forgetOld(this.#kept, most, ({ until }) => until <= now);
    return kept.token;
  }
}
