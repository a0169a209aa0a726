import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { standardOutput } from '../src/platform/log-output.ts';

// This file starts itself once more, as a program that logs more than anybody reads.
const lines = 40_000;
if (process.env.TEST_ROLE) {
  const output = standardOutput();
  for (let number = 0; number < lines; number += 1) output.write(`${'x'.repeat(1_000)}\n`);
  process.stderr.write('written');
} else {
  test('a log that nobody reads is kept up to a limit, and says afterwards what is lost', async (t) => {
    const args = [...process.execArgv, process.argv[1] as string];
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined, TEST_ROLE: 'logging' };
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    await once(child.stderr, 'data');
    const read = (await text(child.stdout)).trimEnd().split('\n');
    const { level, msg } = JSON.parse(read.pop() ?? '');
    assert.equal(level, 'warn');
    const [, lost] = /^(\d+) lines of the log are lost/.exec(msg) ?? [];
    assert.ok(read.length < 10_000, `${read.length} were kept`);
    assert.equal(read.length + Number(lost), lines);
    assert.deepEqual(await exited, [0, null]);
  });
}
