import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../../scripts/free-port.ts';
import { isAlive } from '../../scripts/lock.ts';
import { type NatsServer, startNats } from '../../scripts/nats/server.ts';
import { joinNats, type SharedNats } from '../../scripts/nats/shared-server.ts';
import { ownRole, startAgain, tell } from '../support/again.ts';
import { eventually } from '../support/eventually.ts';
import { listens } from '../support/listens.ts';

const program = process.env.NATS_SERVER ?? 'nats-server';

if (ownRole) await start(JSON.parse(ownRole));
else defineTests();

async function start(shared: Parameters<typeof joinNats>[1] | 'own'): Promise<void> {
  tell(shared === 'own' ? await startNats(program) : await joinNats(program, shared));
}

function defineTests(): void {
  test('a server of a killed process goes too, and leaves nothing behind', async (t) => {
    const parent = startAgain(t, JSON.stringify('own'));
    const { pid, folder } = await parent.told<NatsServer>();
    parent.child.kill('SIGKILL');
    await eventually('it is gone', () => !isAlive(pid) && !existsSync(folder), 60_000);
  });

  test('the shared server of a killed process goes on, is joined by the next, and goes with the last', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'shared-nats-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const shared = { folder, port: await freePort(), monitorPort: await freePort() };
    const parent = startAgain(t, JSON.stringify(shared));
    const { pid } = await parent.told<SharedNats>();
    parent.child.kill('SIGKILL');
    await parent.exited;
    assert.equal(await listens(shared.port), true);
    const joined = await joinNats(program, shared);
    assert.equal(joined.pid, pid);
    await joined.release();
    assert.equal(await listens(shared.port), false);
  });
}
