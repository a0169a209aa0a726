import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { service } from '../identity.ts';
import { countDeadLetters } from '../platform/events/dead-letter.ts';
import { EventMetrics, registerGauges } from '../platform/events/metrics.ts';
import { countOutbox } from '../platform/events/parked.ts';
import { Relay } from '../platform/events/relay.ts';
import { forgetKeys, removeExpired } from '../platform/events/retention.ts';
import { Loop } from '../platform/loop.ts';
import { createPool } from '../platform/postgres/pool.ts';
import eventSettings from '../settings/events.ts';
import postgresSettings from '../settings/postgres.ts';

declare module 'fastify' {
  interface FastifyInstance {
    eventMetrics: EventMetrics;
  }
}

const hour = 60 * 60_000;
/** Between two pieces of what is old. */
const pauseMs = 100;

/** Sends the events in the outbox to the broker, for as long as the service runs. */
export default fp(
  async (app: FastifyInstance) => {
    const { pollMs, batchSize, turnMs, rememberDays } = eventSettings(app.env);
    const pool = createPool({
      url: postgresSettings(app.env).databaseUrl,
      name: `${service.name} outbox`,
      max: 1,
      waitMs: 5_000,
      statementTimeoutMs: turnMs,
      onError: (error) => app.log.warn({ err: error }, 'the database connection of the outbox broke'),
    });
    const metrics = new EventMetrics(app.metrics);
    const relay = new Relay({
      pool,
      broker: app.broker,
      log: app.log,
      pollMs,
      batchSize,
      turnMs,
      onSent: (subject) => metrics.sent(subject),
      onParked: (subject) => metrics.parked(subject),
    });
    app.decorate('eventMetrics', metrics);
    const retention = new Loop(async () => {
      try {
        const isMore = await removeExpired(app.database, rememberDays);
        return (await forgetKeys(app.database, rememberDays)) || isMore ? pauseMs : hour;
      } catch (error) {
        app.log.warn({ err: error }, 'old events could not be removed');
        return hour;
      }
    });
    app.addHook('onReady', async () => {
      relay.start();
      retention.start();
    });
    app.addHook('onClose', async () => {
      await Promise.all([relay.stop(), retention.stop()]);
      await pool.end();
    });
    app.health.add(
      'outbox',
      async () => {
        if (relay.error) throw relay.error;
      },
      { critical: false },
    );
    registerGauges(app.metrics, {
      outbox: () => countOutbox(pool),
      subscriptions: () => app.consumers ?? [],
      deadLetters: () => countDeadLetters(app.broker),
    });
  },
  { name: 'outbox', dependencies: ['postgres', 'broker', 'metrics', 'health'] },
);
