import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from './support/app.ts';
import { eventually } from './support/eventually.ts';
import { redisFor, withoutRedis } from './support/redis.ts';

test('the arguments of a command that failed stay out of the log', { skip: withoutRedis }, async (t) => {
  const { app, logs } = await startApp(t, { env: { REDIS_URL: (await redisFor(t)).url } });
  await eventually('Redis is there', () => app.redis.status === 'ready');
  await app.redis.set('k', 'text');
  const failing = [
    () => app.redis.call('AUTH', 'hunter2'),
    () => app.redis.call('NONSENSE', 'hunter2'),
    () => app.redis.lpush('k', 'hunter2'),
  ];
  for (const command of failing) {
    const error = await command().then(
      () => assert.fail('it should fail'),
      (reason: Error) => reason,
    );
    assert.match(JSON.stringify(error), /hunter2/, 'the driver knows it');
    app.log.error({ err: error }, 'Redis refused');
    app.log.error(error);
  }
  assert.doesNotMatch(JSON.stringify(logs), /hunter2/);
});
