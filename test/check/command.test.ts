import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import type { CheckRun } from '../../src/check/contract.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';

const workload = `apiVersion: apps/v1
kind: Deployment
metadata: { name: it, namespace: shop }
spec:
  selector: { matchLabels: { app: it } }
  template:
    metadata: { labels: { app: it } }
    spec: { containers: [{ name: it, image: 'shop/orders:1.2.3', ports: [{ containerPort: 8080 }] }] }
`;

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'msvc-command-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

async function run(line: string, { cwd = '/', input }: { cwd?: string; input?: string } = {}) {
  const ports = testPorts({ cwd });
  const given = input === undefined ? ports : { ...ports, input: async () => input };
  const exitCode = await runCommandLine('msvc', ['check-cluster', ...line.split(' ')], given);
  return { exitCode, stdout: ports.stdout.text, stderr: ports.stderr.text };
}

const json = async (line: string, options?: { cwd?: string; input?: string }): Promise<CheckRun> =>
  JSON.parse((await run(`${line} -o json`, options)).stdout);

describe('standard input', () => {
  test('holds the manifests of --from -', async () => {
    const { results, source } = await json('--from -', { input: workload });
    expect(source).toMatchObject({ kind: 'manifests', context: '-' });
    expect(results.find(({ check }) => check === 'health-checks')?.status).toBe('fail');
  });

  test('of a terminal is not waited for', async () => {
    const { exitCode, stderr } = await run('--from -');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error NO_INPUT');
  });

  test('that holds nothing is an error', async () => {
    expect((await run('--from -', { input: '' })).stderr).toContain('error NO_MANIFESTS: - holds nothing to judge');
  });
});

describe('a namespace that is not there', () => {
  test.each([
    ['of the example', '--demo -n foo', /There is nothing of a namespace "foo" in demo\n.*shop/],
    ['of a folder', '--from it.yaml -n foo', /There is nothing of a namespace "foo".*\n.*It holds shop\./],
  ])('%s', async (_, line, expected) => {
    const { exitCode, stderr } = await run(line, { cwd: folderOf({ 'it.yaml': workload }) });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(expected);
  });
});

describe('no run ends without a word', () => {
  test('where all went to files, they are named, with what was found and why the exit is not 0', async () => {
    const cwd = folderOf({ 'it.yaml': workload });
    const { exitCode, stdout, stderr } = await run('--from it.yaml -o json=a.json -o markdown=a.md', { cwd });
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^1 service, \d+ fail, \d+ warn, \d+ unknown: written to a\.json, a\.md\.$/m);
    expect(stderr).toMatch(/^Exit 1: there are findings at or above fail/m);
    expect(readFileSync(join(cwd, 'a.md'), 'utf8')).toContain('## msvc check-cluster');
  });

  test('where coverage is missed, it says by how much', async () => {
    const { exitCode, stderr } = await run('--demo --fail-on never --min-coverage 99.9');
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^Exit 3: coverage is [\d.]+ %, and --min-coverage asks for 99\.9 %\.$/m);
  });

  test('where nothing is judged, it says where Services are', async () => {
    const empty = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: empty }\n---\n';
    const there = 'apiVersion: v1\nkind: Service\nmetadata: { name: it, namespace: shop }\n---\n';
    const { exitCode, stdout, stderr } = await run('--from - -n empty', { input: empty + there + workload });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('No service was judged.\nNamespaces that have Services: shop.');
    expect(stderr).toContain('Services are in shop: msvc check-cluster -n shop, or -A for all.');
    expect(stderr).toContain('Exit 3: no service was judged.');
  });

  test('where all is said in the report, nothing more is', async () => {
    expect((await run('--demo')).stderr).toBe('');
  });
});

describe('waivers', () => {
  const waiving = (why: string, more = '') =>
    `waivers:\n  - check: health-checks\n    namespace: shop\n    why: ${why}\n${more}`;
  const whys = ({ results }: CheckRun): string[] => [
    ...new Set(results.flatMap(({ findings }) => findings.flatMap(({ waived }) => waived?.why ?? []))),
  ];

  test('are looked for up to the repository’s root, and not beyond it', async () => {
    const cwd = folderOf({
      '.msvc/check.yaml': waiving('beyond'),
      'repository/.git/HEAD': '',
      'repository/.msvc/check.yaml': waiving('of the root'),
      'repository/deploy/it.yaml': workload,
      'other/.git/HEAD': '',
      'other/it.yaml': workload,
    });
    const own = await json('--from it.yaml', { cwd: join(cwd, 'repository', 'deploy') });
    expect(whys(own)).toEqual(['of the root']);
    expect(own.results.flatMap(({ findings }) => findings.flatMap(({ waived }) => waived?.source ?? []))).toContain(
      '../.msvc/check.yaml:2',
    );
    expect(whys(await json('--from it.yaml', { cwd: join(cwd, 'other') }))).toEqual([]);
  });

  test('are those of the file that is named, which must be there', async () => {
    const cwd = folderOf({ 'it.yaml': workload, '.msvc/check.yaml': waiving('nearest'), 'w.yaml': waiving('named') });
    expect(whys(await json('--from it.yaml', { cwd }))).toEqual(['nearest']);
    expect(whys(await json('--from it.yaml --waivers w.yaml', { cwd }))).toEqual(['named']);
    const { exitCode, stderr } = await run('--from it.yaml --waivers nowhere.yaml', { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error WAIVERS: nowhere.yaml cannot be read');
  });

  test('that ended, and those that match nothing, are told in every report', async () => {
    const cwd = folderOf({
      'it.yaml': workload.replace(
        'name: it, namespace: shop }',
        'name: it, namespace: shop, annotations: { msvc.dev/ignore-api-gatway: typo } }',
      ),
      '.msvc/check.yaml': [
        'waivers:',
        '  - { check: health-checks, name: it, why: in March, expires: 1969-03-31 }',
        '  - { check: health-checks, name: gone, why: removed since }',
        '  - { check: circuit-breakers, namespace: elsewhere, why: not asked for }',
      ].join('\n'),
    });
    const { idleWaivers } = await json('--from it.yaml -n shop', { cwd });
    expect(idleWaivers.map(({ source, because }) => `${source} ${because}`)).toEqual([
      '.msvc/check.yaml:2 ended on 1969-03-31, so what it waived counts again',
      'annotation on Deployment shop/it names no check',
    ]);
    // Whoever looks at everything also sees what matches nothing.
    const { stdout } = await run('--from it.yaml', { cwd });
    expect(stdout).toContain('Waivers without effect (4)');
    expect(stdout).toContain('.msvc/check.yaml:3: health-checks (removed since) matches nothing that was found');
    expect((await run('--from it.yaml -o markdown', { cwd })).stdout).toContain('### Waivers without effect');
  });

  test('are counted beside what they waive', async () => {
    const cwd = folderOf({ 'it.yaml': workload, '.msvc/check.yaml': waiving('known') });
    expect((await run('--from it.yaml', { cwd })).stdout).toMatch(/^fail: health-checks 1 \(1 waived\)$/m);
  });
});

test.each(['terminal', 'markdown', 'json'])('%s says when it was made, and by what version', async (format) => {
  const { stdout } = await run(`--demo -o ${format}`);
  expect(stdout).toContain(format === 'json' ? '1970-01-01T00:00:00.000Z' : '1970-01-01 00:00 UTC');
  expect(stdout).toContain(packageJson.version);
});

test('a fix that is YAML can be pasted as it is', async () => {
  const { results } = await json('--from -', { input: workload });
  const own = results.filter(({ check }) => check === 'health-checks');
  const patch = own.flatMap(({ findings }) => findings.flatMap((finding) => finding.patch ?? []))[0] ?? '';
  const patched = await json('--from -', { input: `${workload}---\n${patch}` });
  expect(patched.results.find(({ check }) => check === 'health-checks')?.status).toBe('pass');
  expect((await run('--from -', { input: workload })).stdout).toContain(
    patch
      .split('\n')
      .map((line) => `         ${line}`)
      .join('\n'),
  );
});

test('msvc explain score says what is counted', async () => {
  const ports = testPorts();
  expect(await runCommandLine('msvc', ['explain', 'score'], ports)).toBe(0);
  expect(ports.stdout.text).toContain('counts once a service');
  expect((await run('--demo')).stdout).toContain('msvc explain score');
});

test.each(['probe', 'nothing'])('there is no role for "%s"', async (tier) => {
  const { exitCode, stderr } = await run(`--print-rbac=${tier}`);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('The roles are namespaced, cluster.');
});

test('a role has the rights to ask pods only where they are named', async () => {
  const role = async (line: string) => (await run(`--print-rbac${line}`)).stdout;
  expect(await role('')).not.toContain('pods/');
  expect(await role(' --probe')).toMatch(/resources: \[pods\/proxy\]\n {4}verbs: \[get\]\n$/);
  expect(await role('=namespaced --probe --sample-logs')).toContain('resources: [pods/proxy, pods/log]');
});

test.each([
  ['--demo --probe', 'error NOTHING_RUNS_THERE: --probe asks running pods, and --demo has none'],
  ['--from it.yaml --sample-logs', 'error NOTHING_RUNS_THERE: --sample-logs asks running pods, and --from has none'],
  ['--dry-run', 'error DRY_RUN: --dry-run is about requests to pods'],
])('%s is refused', async (line, expected) => {
  const { exitCode, stderr } = await run(line);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(expected);
});

test('--keep-going without files is refused', async () => {
  expect((await run('--demo --keep-going')).stderr).toContain('error KEEP_GOING');
});

test('what stands in files is told with file and line, and what comes through a pipe is not', async () => {
  const cwd = folderOf({ 'deploy/other.yaml': 'a: b\n', 'deploy/it.yaml': `# how it runs\n${workload}` });
  const { results } = await json('--from deploy', { cwd });
  const evidence = results.flatMap(({ findings }) => findings.flatMap((finding) => finding.evidence));
  const probes = evidence.find(({ object, path }) => object === 'Deployment shop/it' && path?.includes('containers'));
  const lines = readFileSync(join(cwd, 'deploy/it.yaml'), 'utf8').split('\n');
  expect(probes?.file).toBe('it.yaml');
  expect(lines[(probes?.line ?? 0) - 1]).toContain('containers');
  expect((await run('--from deploy', { cwd })).stdout).toMatch(/\(it\.yaml:\d+\)/);
  const piped = await json('--from -', { input: workload });
  expect(JSON.stringify(piped)).not.toContain('"file"');
});
