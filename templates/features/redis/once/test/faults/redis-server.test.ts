import { test } from 'node:test';
import { isAlive } from '../../scripts/lock.ts';
import { type RedisServer, startRedis } from '../../scripts/redis/server.ts';
import { ownRole, startAgain, tell } from '../support/again.ts';
import { eventually } from '../support/eventually.ts';
import { withoutRedis } from '../support/redis.ts';

if (ownRole) tell(await startRedis());
else {
  test('the server of a killed process goes too', { skip: withoutRedis }, async (t) => {
    const parent = startAgain(t, 'parent');
    const { pid } = await parent.told<RedisServer>();
    parent.child.kill('SIGKILL');
    await eventually('it is gone', () => !isAlive(pid), 60_000);
  });
}
