import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { forgetOld } from '../gateway/forget-old.ts';
import { GrantRefused, type Provider, type SignedIn, type Tokens } from './provider.ts';
import { newTicket, type Opened, openTicket, seal, unseal } from './seal.ts';

export interface SessionsOptions {
  redis: Redis;
  provider: Pick<Provider, 'refresh' | 'revoke'>;
  /** Milliseconds that a session lives after its last renewal. */
  lifetimeMs: number;
  /** Known to this gateway alone. */
  secret: string;
  now?(): number;
}

/** Nobody can say at the moment whether the session is good: the provider or Redis is away. */
export class SessionUnknown extends Error {
  override name = 'SessionUnknown';
}

/** Longer than the provider may take, or two would refresh with one token, and it ends the session for good. */
const lockMs = 20_000;
/** For which a session that was seen goes on without a look into Redis: a logout takes so long to reach other replicas. */
const recentMs = 2_000;
/** Times and milliseconds between them in which Redis is asked to keep a session that is renewed: well within the lock. */
const keepTries = 12;
const keepMs = 250;
/** For which nobody asks a provider that did not answer. */
const awayMs = 1_000;
/** For which the sessions of a person are known together, so that the provider can end them. */
const longestMs = 30 * 86_400_000;
/** Sessions that one replica remembers. */
const most = 10_000;

/**
 * Sessions of browsers. Redis holds each sealed by a key that only the browser's cookie gives; a copy of Redis says
 * nothing. Of all requests on all replicas that need a new token, one asks the provider for it.
 */
export class Sessions {
  readonly #options: Required<SessionsOptions>;
  readonly #recent = new Map<string, { session: SignedIn; seenAt: number }>();
  #awayUntil = 0;
  readonly #refreshing = new Map<string, Promise<SignedIn | undefined>>();

  constructor({ now = () => Date.now(), ...options }: SessionsOptions) {
    this.#options = { now, ...options };
  }

  /** @returns the ticket for the cookie */
  async open(session: SignedIn): Promise<string> {
    const { redis, lifetimeMs } = this.#options;
    const ticket = newTicket();
    const opened = openTicket(ticket);
    await redis.set(keyOf(opened), seal(session, opened), 'PX', lifetimeMs);
    for (const owner of [session.sid && `sid:${session.sid}`, `subject:${session.subject}`]) {
      if (owner) await redis.eval(list, 1, this.#listOf(owner), opened.id, longestMs);
    }
    return ticket;
  }

  /**
   * The session with a token that is good now; undefined where there is none any more.
   *
   * @throws SessionUnknown
   */
  async find(ticket: string): Promise<SignedIn | undefined> {
    const { now } = this.#options;
    const opened = openTicket(ticket);
    const session = await this.#read(opened);
    if (!session || now() < session.renewAt) return session;
    const renewed = this.#renew(opened);
    if (session.expiresAt <= now()) return renewed;
    // Good for a while yet: nobody waits for the next one.
    renewed.catch(() => undefined);
    return session;
  }

  /** Ends what the provider says has ended: one session, or all of a person. @returns how many there were */
  async endAll({ sid, subject }: { sid: string | undefined; subject: string | undefined }): Promise<number> {
    const { redis } = this.#options;
    const key = this.#listOf(sid === undefined ? `subject:${subject}` : `sid:${sid}`);
    const ids = await redis.smembers(key);
    for (const id of ids) {
      this.#recent.delete(id);
      await redis.del(keyOf({ id }));
    }
    await redis.del(key);
    return ids.length;
  }

  /** Ends it, here and at the provider. */
  async close(ticket: string): Promise<void> {
    const { redis, provider } = this.#options;
    const opened = openTicket(ticket);
    const session = await this.#read(opened);
    this.#recent.delete(opened.id);
    await redis.del(keyOf(opened));
    if (session?.refreshToken) await provider.revoke(session.refreshToken).catch(() => undefined);
  }

  async #read(opened: Opened): Promise<SignedIn | undefined> {
    const { redis, now } = this.#options;
    const recent = this.#recent.get(opened.id);
    if (recent && now() - recent.seenAt < recentMs) return recent.session;
    let sealed: string | null;
    try {
      sealed = await redis.get(keyOf(opened));
    } catch (error) {
      throw new SessionUnknown('sessions cannot be read', { cause: error });
    }
    const session = sealed === null ? undefined : (unseal(sealed, opened) as SignedIn | undefined);
    if (session) this.#remember(opened, session);
    else this.#recent.delete(opened.id);
    return session;
  }

  #remember({ id }: Opened, session: SignedIn): void {
    this.#recent.delete(id);
    const now = this.#options.now();
    this.#recent.set(id, { session, seenAt: now });
    forgetOld(this.#recent, most, ({ seenAt }) => now - seenAt >= recentMs);
  }

  /** A name that can be guessed must not be found by its hash alone. */
  #listOf(owner: string): string {
    return `sessions-of:${createHmac('sha256', this.#options.secret).update(owner).digest('base64url')}`;
  }

  /** One at a time in this process; between processes the lock decides. */
  #renew(opened: Opened): Promise<SignedIn | undefined> {
    const running = this.#refreshing.get(opened.id);
    if (running) return running;
    const renewing = this.#renewOnce(opened).finally(() => this.#refreshing.delete(opened.id));
    this.#refreshing.set(opened.id, renewing);
    return renewing;
  }

  async #renewOnce(opened: Opened): Promise<SignedIn | undefined> {
    const { redis, now } = this.#options;
    const deadline = now() + lockMs;
    const owner = randomUUID();
    do {
      this.#recent.delete(opened.id);
      const session = await this.#read(opened);
      // Ended meanwhile, or renewed by another.
      if (!session || now() < session.renewAt) return session;
      const isOurs = await redis.set(lockOf(opened), owner, 'PX', lockMs, 'NX').catch((error: unknown) => {
        throw new SessionUnknown('sessions cannot be renewed', { cause: error });
      });
      if (isOurs) {
        try {
          return await this.#refresh(opened);
        } finally {
          await redis.eval(unlock, 1, lockOf(opened), owner).catch(() => undefined);
        }
      }
      await wait(25 + Math.random() * 50);
    } while (now() < deadline);
    throw new SessionUnknown('the session is being renewed for too long');
  }

  async #refresh(opened: Opened): Promise<SignedIn | undefined> {
    const { provider, now } = this.#options;
    if (now() < this.#awayUntil) throw new SessionUnknown('the identity provider was away a moment ago');
    this.#recent.delete(opened.id);
    // Read under the lock: whoever had it before may have renewed it.
    const session = await this.#read(opened);
    if (!session || now() < session.renewAt) return session;
    if (!session.refreshToken) return this.#forget(opened);
    let tokens: Tokens;
    try {
      tokens = await provider.refresh(session.refreshToken);
    } catch (error) {
      if (error instanceof GrantRefused) return this.#forget(opened);
      this.#awayUntil = now() + awayMs;
      throw new SessionUnknown('the identity provider cannot renew the session', { cause: error });
    }
    const renewed = { ...session, ...tokens, scopes: tokens.scopes ?? session.scopes };
    if (await this.#keep(opened, renewed)) {
      this.#remember(opened, renewed);
      return renewed;
    }
    // They logged out meanwhile, and that stays so.
    if (tokens.refreshToken) await provider.revoke(tokens.refreshToken).catch(() => undefined);
    return undefined;
  }

  /**
   * The refresh token that Redis has is spent now: what is not kept would be lost, so that is tried for as long as nobody
   * else can have the lock.
   *
   * @returns whether the session is still there
   */
  async #keep(opened: Opened, renewed: SignedIn): Promise<boolean> {
    const { redis, lifetimeMs } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        return (await redis.eval(replace, 1, keyOf(opened), seal(renewed, opened), lifetimeMs)) === 1;
      } catch (error) {
        if (tries === keepTries) throw new SessionUnknown('a renewed session cannot be kept', { cause: error });
        await wait(keepMs);
      }
    }
  }

  async #forget(opened: Opened): Promise<undefined> {
    this.#recent.delete(opened.id);
    await this.#options.redis.del(keyOf(opened)).catch(() => undefined);
    return undefined;
  }
}

const keyOf = ({ id }: Pick<Opened, 'id'>): string => `session:{${id}}`;
const lockOf = ({ id }: Opened): string => `session:{${id}}:lock`;

/** Sessions that are gone stay in it until it ends, which hurts nobody. */
const list = `
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

const replace = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const unlock = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;
