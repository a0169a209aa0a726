import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import { folderOf } from './repository/support/check.ts';
import { serviceOf, workload } from './support/shop-objects.ts';

const app = (image: string) => workload('a', `{ name: a, image: "${image}" }`) + serviceOf('a');

async function msvc(cwd: string, line: string) {
  const ports = testPorts({ cwd });
  const exitCode = await runCommandLine('msvc', line.split(' '), ports);
  return { exitCode, stdout: ports.stdout.text, stderr: ports.stderr.text };
}

describe.each(['check deploy', 'check-cluster --from deploy'])('msvc %s over time', (command) => {
  test('fails only for what is new, where a baseline says what was there', async () => {
    const cwd = folderOf({ 'deploy/a.yaml': app('shop/a') });
    expect((await msvc(cwd, `${command} --write-baseline then.json`)).exitCode).toBe(1);
    const same = await msvc(cwd, `${command} --baseline then.json --fail-on-new`);
    expect(same.exitCode).toBe(0);
    expect(same.stdout).toContain('Since the baseline\nNothing changed.');

    writeFileSync(
      join(cwd, 'deploy/b.yaml'),
      app('shop/b')
        .replace(/\bname: a\b/g, 'name: b')
        .replace(/app: a\b/g, 'app: b'),
    );
    const worse = await msvc(cwd, `${command} --baseline then.json --fail-on-new`);
    expect(worse.exitCode).toBe(1);
    expect(worse.stdout).toMatch(/Since the baseline\nnew \(\d+\)/);
    expect(worse.stdout).toContain('deployment-automation/default/b/NO_VERSION');
  });

  test('what may stand in a file that is broken now is not gone, and the run says why it is incomplete', async () => {
    const cwd = folderOf({
      'deploy/a.yaml': app('shop/a'),
      'deploy/b.yaml': app('shop/b:1.2.3').replaceAll(' a', ' b'),
    });
    await msvc(cwd, `${command} --write-baseline then.json`);
    writeFileSync(join(cwd, 'deploy/a.yaml'), 'kind: x\n  - a: [');
    const keepGoing = command.startsWith('check-cluster') ? ' --keep-going' : '';
    const blind = await msvc(cwd, `${command}${keepGoing} --baseline then.json --fail-on-new`);
    expect(blind.exitCode).toBe(3);
    expect(blind.stdout).not.toMatch(/^(gone|resolved)/m);
    expect(blind.stdout).toMatch(/^unseen/m);
    expect(blind.stderr).toMatch(/Exit 3: what the baseline rests on could not be read this time: .*a\.yaml:1/);
  });

  test('two reports are compared by msvc diff', async () => {
    const cwd = folderOf({ 'deploy/a.yaml': app('shop/a') });
    await msvc(cwd, `${command} -o json=then.json`);
    writeFileSync(join(cwd, 'deploy/a.yaml'), app('shop/a:1.2.3'));
    await msvc(cwd, `${command} -o json=now.json`);
    const better = await msvc(cwd, 'diff then.json now.json');
    expect(better).toMatchObject({ exitCode: 0, stderr: '' });
    expect(better.stdout).toContain('resolved (1)\n  deployment-automation/default/a/NO_VERSION');
    const back = await msvc(cwd, 'diff now.json then.json -o markdown');
    expect(back.exitCode).toBe(1);
    expect(back.stdout).toMatch(/^- new \(1\)\n {2}- fail deployment-automation\/default\/a\/NO\\_VERSION/m);
    expect((await msvc(cwd, 'diff now.json then.json --fail-on never')).exitCode).toBe(0);
    const { compared } = JSON.parse((await msvc(cwd, 'diff now.json then.json -o json')).stdout);
    expect(compared[0].changes.list[0]).toMatchObject({ state: 'new', now: 'fail' });
  });
});

test.each(['terminal', 'markdown', 'json'])(
  'a report of somebody else is shown as text by diff -o %s',
  async (format) => {
    const cwd = folderOf({ 'deploy/a.yaml': app('shop/a') });
    await msvc(cwd, 'check deploy -o json=now.json');
    const text = readFileSync(join(cwd, 'now.json'), 'utf8');
    writeFileSync(join(cwd, 'then.json'), text.replaceAll('NO_VERSION', 'IT'));
    writeFileSync(join(cwd, 'now.json'), text.replaceAll('NO_VERSION', 'NO\u202e\u009b31m'));
    const { exitCode, stdout } = await msvc(cwd, `diff then.json now.json -o ${format}`);
    expect(exitCode).toBe(1);
    expect(stdout).not.toMatch(/[\u202e\u009b]/);
  },
);

test.each([
  ['--fail-on-new alone', 'check deploy --fail-on-new', 'error FAIL_ON_NEW'],
  ['a baseline that is not there', 'check deploy --baseline gone.json', 'error BASELINE: gone.json cannot be read'],
  ['one that is something else', 'check deploy --baseline package.json', 'error BASELINE: package.json is nothing to'],
  ['reports of two things', 'diff cluster.json repository.json', 'have nothing in common'],
])('%s is told', async (_, line, expected) => {
  const cwd = folderOf({ 'deploy/a.yaml': app('shop/a'), 'package.json': '{}' });
  await msvc(cwd, 'check deploy -o json=repository.json');
  await msvc(cwd, 'check-cluster --from deploy -o json=cluster.json');
  const { exitCode, stderr } = await msvc(cwd, line);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(expected)]);
});

test('a baseline is written as lines that a person can read', async () => {
  const cwd = folderOf({ 'deploy/a.yaml': app('shop/a') });
  await msvc(cwd, 'check deploy --write-baseline then.json');
  const text = readFileSync(join(cwd, 'then.json'), 'utf8');
  expect(text).toContain('"id": "deployment-automation/default/a/NO_VERSION/a/a"');
  expect(text.split('\n').length).toBeGreaterThan(20);
});
