import { createLocalJWKSet, errors, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';

export interface KeySetOptions {
  /** Gets the keys of the identity provider as they are now. */
  fetch(): Promise<JSONWebKeySet>;
  /** Milliseconds between two fetches. */
  cooldownMs: number;
  /** Milliseconds until a fetch that failed is tried again. */
  retryMs?: number;
  now?(): number;
  /** Called when fetching begins to fail, with the reason, and when it works again, without. */
  onChange?(trouble: Error | undefined): void;
}

/** The identity provider cannot be asked, and nothing it said before helps: nobody can say whether a token is good. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable';
}

/**
 * The provider's public keys. An unknown key id means that keys were rotated: they are fetched again, but not more often
 * than the cooldown allows, or anybody could make this service flood the provider with invented ids. While the provider
 * is away the keys that are known go on counting. Who keeps them fresh calls `refresh` now and then, so that no request
 * with a known key waits for a fetch.
 */
export class KeySet {
  readonly #options: Required<KeySetOptions>;
  #keys: ReturnType<typeof createLocalJWKSet> | undefined;
  #nextFetchAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<boolean> | undefined;
  #trouble: Error | undefined;

  constructor({ retryMs = 1_000, now = () => performance.now(), onChange = () => {}, ...options }: KeySetOptions) {
    this.#options = { retryMs, now, onChange, ...options };
  }

  /**
   * The key that signed a token, for jose's `jwtVerify`. Throws KeysUnavailable, or jose's JWKSNoMatchingKey or
   * JWKSMultipleMatchingKeys.
   */
  readonly find = async (header: JWSHeaderParameters, token: FlattenedJWSInput) => {
    if (!this.#keys) await this.refresh();
    if (!this.#keys) throw new KeysUnavailable('the keys of the identity provider cannot be fetched');
    try {
      return await this.#keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.refresh();
      return this.#keys(header, token);
    }
  };

  /**
   * Fetches the keys, unless that was tried a moment ago. Never rejects: what is known goes on counting.
   * @returns whether they were fetched.
   */
  async refresh(): Promise<boolean> {
    if (!this.#fetching && this.#options.now() < this.#nextFetchAt) return false;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /** Why they cannot be fetched at the moment. */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  get known(): boolean {
    return this.#keys !== undefined;
  }

  async #fetch(): Promise<boolean> {
    const { fetch, cooldownMs, retryMs, now } = this.#options;
    try {
      this.#keys = createLocalJWKSet(await fetch());
      this.#nextFetchAt = now() + cooldownMs;
      this.#setTrouble(undefined);
      return true;
    } catch (error) {
      this.#nextFetchAt = now() + retryMs;
      this.#setTrouble(error as Error);
      return false;
    }
  }

  #setTrouble(trouble: Error | undefined): void {
    const isNew = (trouble === undefined) !== (this.#trouble === undefined);
    this.#trouble = trouble;
    if (isNew) this.#options.onChange(trouble);
  }
}
