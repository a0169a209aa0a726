import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startOwnPostgres } from '../../scripts/postgres/own-server.ts';
import { startPostgres } from '../../scripts/postgres/server.ts';
import { ownRole, startAgain, tell } from '../support/again.ts';
import { listens } from '../support/listens.ts';

const portOf = (url: string): number => Number(new URL(url).port);

if (ownRole) {
  // The shared server and one of a test, by a process that is killed.
  const [shared, own] = [await startPostgres(), await startOwnPostgres()];
  tell({ shared: shared.url(''), own: own.url(''), folder: own.folder });
} else {
  test('of a killed process, the shared server is joined by the next one, and its own server is removed', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'dev-postgres-'));
    // PostgreSQL does not run as root: another user must be able to enter.
    await chmod(folder, 0o755);
    t.after(() => rm(folder, { recursive: true, force: true }));
    process.env.DEV_POSTGRES_DIR = folder;
    const parent = startAgain(t, 'parent');
    const started = await parent.told<{ shared: string; own: string; folder: string }>();
    parent.child.kill('SIGKILL');
    await parent.exited;
    assert.equal(await listens(portOf(started.own)), true);

    const joined = await startPostgres();
    assert.equal(joined.url(''), started.shared);
    assert.equal(await listens(portOf(started.own)), false);
    assert.equal(existsSync(started.folder), false);
    await joined.release();
    assert.equal(await listens(portOf(started.shared)), false);
    assert.deepEqual(await readdir(join(folder, 'users')), []);
  });
}
