/**
 * Every advisory lock that this service takes, in one place: two owners of one number would wait for each other, and no
 * error would say so. A number stays as it is for ever, since replicas of the last version and of the next one must mean
 * the same lock; it is good for one database, so other services may have it too. All locks belong to transactions: so
 * they hold behind a pooler, and end with the process.
 */
export const advisoryLocks = {
  /** One process after the other applies migrations: migrate.ts. */
  migrations: 7_236_501,
  /** One process after the other brings the tables of the saga engine up to date: src/platform/dbos/. */
  sagaEngine: 7_236_502,
  /** One process at a time sends what is in the outbox: src/platform/events/. */
  outboxRelay: 7_236_503,
  /** The first of two numbers; the second is the hash of a projection's name: src/platform/event-store/. */
  projections: 7_236_504,
  /** The first of two numbers; the second is the hash of an aggregate's name: src/platform/event-store/. */
  forgetting: 7_236_505,
  /** The upper 16 of 64 bits; the rest is the counter of events: src/migrations/0030-event-store.sql. */
  eventAppends: 17_750,
} as const;
