import { createLocalJWKSet, errors, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';

export interface KeySetOptions {
  /** Gets the keys of the identity provider as they are now. */
  fetch(): Promise<JSONWebKeySet>;
  /** Milliseconds between two fetches. */
  cooldownMs: number;
  /** Milliseconds after which the keys are fetched again, so that a withdrawn one stops to count. */
  maxAgeMs?: number;
  now?(): number;
}

/** The identity provider cannot be asked, and nothing it said before helps: nobody can say whether a token is good. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable';
}

/**
 * The provider's public keys. An unknown key id means that keys were rotated: they are fetched again, but not more often
 * than the cooldown allows, or anybody could make this service flood the provider with invented ids. While the provider
 * is away the keys that are known go on counting.
 */
export class KeySet {
  readonly #options: Required<KeySetOptions>;
  #keys: ReturnType<typeof createLocalJWKSet> | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;

  constructor({ maxAgeMs = 600_000, now = () => performance.now(), ...options }: KeySetOptions) {
    this.#options = { maxAgeMs, now, ...options };
  }

  /** The key that signed a token, for jose's `jwtVerify`. Throws KeysUnavailable, or jose's JWKSNoMatchingKey. */
  readonly find = async (header: JWSHeaderParameters, token: FlattenedJWSInput) => {
    if (this.#options.now() - this.#fetchedAt > this.#options.maxAgeMs) await this.refresh();
    if (!this.#keys) throw new KeysUnavailable('the keys of the identity provider cannot be fetched');
    try {
      return await this.#keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.refresh();
      return this.#keys(header, token);
    }
  };

  /** Fetches the keys, unless that was tried a moment ago. Rejects never: what is known goes on counting. */
  async refresh(): Promise<void> {
    const { now, cooldownMs } = this.#options;
    if (!this.#fetching && now() - this.#triedAt >= cooldownMs) {
      this.#triedAt = now();
      this.#fetching = this.#fetch().finally(() => {
        this.#fetching = undefined;
      });
    }
    await this.#fetching;
  }

  async #fetch(): Promise<void> {
    try {
      this.#keys = createLocalJWKSet(await this.#options.fetch());
      this.#fetchedAt = this.#options.now();
    } catch {
      // The client span of the fetch says why.
    }
  }

  get known(): boolean {
    return this.#keys !== undefined;
  }
}
