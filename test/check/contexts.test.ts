import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { baselineOf, compareBaselines } from '../../src/check/findings/baseline.ts';
import { readBaselines, writeBaselines } from '../../src/check/findings/read-baseline.ts';
import { renderEnvironments } from '../../src/check/report/formats.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import { folderOf } from './repository/support/check.ts';
import { readFixture } from './support/fixture.ts';

const contexts = (servers: Record<string, string>): string => `apiVersion: v1
kind: Config
clusters:
${Object.entries(servers)
  .map(([name, server]) => `  - { name: ${name}, cluster: { server: "${server}" } }`)
  .join('\n')}
users: [{ name: me, user: {} }]
contexts:
${Object.keys(servers)
  .map((name) => `  - { name: ${name}, context: { cluster: ${name}, user: me } }`)
  .join('\n')}
`;
const nowhere = 'http://127.0.0.1:1';

async function msvc(servers: Record<string, string>, ...args: string[]) {
  const cwd = folderOf({ kubeconfig: contexts(servers) });
  const ports = testPorts({ cwd, env: { KUBECONFIG: join(cwd, 'kubeconfig') } });
  const exitCode = await runCommandLine('msvc', ['check-cluster', ...args], ports);
  return { exitCode, stdout: ports.stdout.text, stderr: ports.stderr.text, cwd };
}

test('a context that there is not is refused before any cluster is asked', async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.end('{}');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const eu = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { exitCode, stderr } = await msvc({ eu, us: nowhere }, '--context', 'eu,su');
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/UNKNOWN_CONTEXT: There is no context "su"\n.*eu, us/)]);
  expect(asked).toBe(0);
});

test('where none can be reached the run ends as it does for one', async () => {
  const { exitCode, stdout, stderr } = await msvc({ eu: nowhere, us: nowhere }, '--context', 'eu,us');
  expect(exitCode).toBe(4);
  expect(stdout).toBe('');
  expect(stderr.match(/^error /gm)).toHaveLength(1);
});

test.each([
  ['a recording', ['--record', './kept'], 'ONE_CONTEXT'],
  ['a page', ['-o', 'html=report.html'], 'ONE_CONTEXT'],
  ['what is new, without a baseline', ['--fail-on-new'], 'FAIL_ON_NEW'],
])('%s of several is refused', async (_, args, code) => {
  const { exitCode, stderr } = await msvc({ eu: nowhere, us: nowhere }, '--context', 'eu', '--context', 'us', ...args);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`error ${code}`)]);
  expect(stderr.trimEnd().split('\n')).toHaveLength(3);
});

test('the same context twice is one', async () => {
  const { exitCode, stderr } = await msvc({ eu: nowhere }, '--context', 'eu,eu', '-o', 'html=report.html');
  expect(exitCode).toBe(4);
  expect(stderr).not.toContain('ONE_CONTEXT');
});

test('a baseline of one cluster says nothing of several', async () => {
  const cwd = folderOf({ kubeconfig: contexts({ eu: nowhere }) });
  const run = runChecks(readFixture('test/check/systems/demo.yaml'), { startedAt: '', today: '2026-01-01' });
  writeFileSync(join(cwd, 'then.json'), writeBaselines([baselineOf(run)]));
  const { withBaseline } = await import('../../src/cli/commands/check-cluster/baselines.ts');
  expect(() => withBaseline([run, run], { baseline: 'then.json' }, testPorts({ cwd }), true)).toThrow(
    'then.json is of one cluster, and here are several',
  );
});

describe('reports of two clusters', () => {
  const [eu, us] = ['eu', 'us'].map((context) => {
    const run = runChecks(readFixture(`test/check/systems/${context === 'eu' ? 'demo' : 'shop'}.yaml`), {
      startedAt: '2026-01-01T00:00:00.000Z',
      today: '2026-01-01',
    });
    return { ...run, source: { ...run.source, kind: 'cluster' as const, context } };
  }) as [ReturnType<typeof runChecks>, ReturnType<typeof runChecks>];
  const text = async (format: string): Promise<string> =>
    [...(await renderEnvironments(format, [eu, us], { columns: 120, color: false, failOn: 'fail' }))].join('');

  test('JSON is one document with a report of each', async () => {
    const { schema, contexts: reports, notReported } = JSON.parse(await text('json'));
    expect([schema, reports, notReported]).toEqual(['msvc.contexts/1', [eu, us], []]);
  });

  test.each(['terminal', 'markdown'])('%s has a section of each', async (format) => {
    expect(await text(format)).toMatch(/msvc check-cluster.{1,20}eu.*msvc check-cluster.{1,20}us/s);
  });

  test('JUnit, OpenMetrics and SARIF tell them apart', async () => {
    expect(await text('junit')).toMatch(/<testsuite name="eu: health-checks".*<testsuite name="us: health-checks"/s);
    expect(await text('openmetrics')).toMatch(/score_ratio\{context="eu"\} .*score_ratio\{context="us"\} /s);
    const { runs } = JSON.parse(await text('sarif'));
    expect(runs.map((one: { automationDetails: { id: string } }) => one.automationDetails.id)).toEqual([
      'msvc/eu/',
      'msvc/us/',
    ]);
  });

  test('the same fault in both is two annotations', async () => {
    const lines = (await text('github')).split('\n');
    expect(lines.filter((line) => line.includes('::eu '))).not.toEqual([]);
    expect(lines.filter((line) => line.includes('::us '))).not.toEqual([]);
  });

  test('a baseline keeps each by its context, and so does a report', async () => {
    const kept = writeBaselines([eu, us].map((run) => baselineOf(run, false, run.source.context)));
    for (const [name, document] of [
      ['then.json', kept],
      ['report.json', await text('json')],
    ] as const) {
      const baselines = readBaselines(document, name);
      expect(baselines.map(({ environment }) => environment)).toEqual(['eu', 'us']);
      for (const [index, run] of [eu, us].entries()) {
        const before = baselines[index];
        if (!before) throw new Error('no baseline');
        expect(compareBaselines(before, baselineOf(run)).list).toEqual([]);
      }
    }
  });
});
