import type { Caller } from '../auth/access-token.ts';
import { forgetOld } from './forget-old.ts';

/** Tokens that are remembered at most. */
const most = 10_000;

/**
 * Tokens that were found good a moment ago: to check a signature costs more than all else that a request costs. A key
 * that is withdrawn counts for that moment longer, a token never beyond its own end.
 */
export class CheckedTokens {
  readonly #keptMs: number;
  readonly #now: () => number;
  readonly #kept = new Map<string, { caller: Caller; until: number }>();

  constructor(keptMs: number, now = () => Date.now()) {
    this.#keptMs = keptMs;
    this.#now = now;
  }

  get size(): number {
    return this.#kept.size;
  }

  async get(token: string, check: () => Promise<Caller>): Promise<Caller> {
    const found = this.#kept.get(token);
    if (found && found.until > this.#now()) return found.caller;
    const caller = await check();
    const until = Math.min(this.#now() + this.#keptMs, (caller.claims.exp ?? 0) * 1_000);
    this.#kept.delete(token);
    this.#kept.set(token, { caller, until });
    const now = this.#now();
    forgetOld(this.#kept, most, ({ until }) => until <= now);
    return caller;
  }
}
