import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeRecording } from '../../../src/check/sources/recording/recording.ts';
import type { KubeObject } from '../../../src/check/sources/snapshot.ts';
import { build, withoutKubectl } from '../../delivery/support/kustomize.ts';
import { inFolder, platformFiles, serviceFiles } from '../../delivery/support/render-service.ts';
import { snapshotOf } from '../support/fixture.ts';
import { cells, check, folderOf, reports, row } from './support/check.ts';

const production = 'deploy/overlays/production';

/** What a cluster with these shows, redacted as everybody's recording is. */
async function recordingOf(...folders: string[]): Promise<string> {
  const objects: KubeObject[] = folders.flatMap((folder) => build(folder));
  for (const { metadata } of objects.filter(({ kind }) => !/^(Namespace|Cluster|GatewayClass)/.test(kind)))
    metadata.namespace ??= 'apps';
  const into = join(folderOf({}), 'recording');
  await writeRecording(snapshotOf(objects), into);
  return into;
}

const orders = async () => inFolder(await serviceFiles('orders', { calls: ['payments'], features: { postgres: {} } }));

describe.skipIf(withoutKubectl)('a generated service, before the merge', () => {
  test('with a recorded platform around it, most items are decided and none fails', async () => {
    const service = await orders();
    const payments = await inFolder(await serviceFiles('payments'));
    const recording = await recordingOf(await inFolder(await platformFiles()), `${payments}/${production}`);
    const runs = await reports([service, '--with', recording]);
    expect([...runs.keys()]).toEqual([production, 'deploy/overlays/staging']);
    const decided = cells(runs.get(production), 'orders').filter(({ status }) => status !== 'unknown');
    expect(decided.length).toBeGreaterThanOrEqual(7);
    expect(row(runs.get(production), 'orders')).toMatchObject({
      'service-boundaries': 'pass OWN_WORKLOAD_AND_CONTEXT',
      'service-discovery': 'pass NAME_LEADS_TO_READY_PODS',
      'health-checks': 'pass PROBES_TEST_THE_APP',
      'distributed-tracing': 'pass TRACES_ARRIVE',
      'centralized-logging': 'pass LOGS_FOLLOWED',
      'circuit-breakers': 'unknown MAY_BE_IN_CODE',
    });
    for (const run of runs.values()) {
      expect(run.results.filter(({ status }) => status === 'fail')).toEqual([]);
      // Nothing runs yet, so nothing was observed.
      expect(cells(run, 'orders').filter(({ level }) => level === 'observed')).toEqual([]);
    }
    // What is around it is not judged once more.
    expect(cells(runs.get(production), 'payments')).toEqual([]);
    expect((await check([service, '--with', recording])).exitCode).toBe(0);
  });

  test('alone: what only a platform can answer is not looked at, and nothing fails or is unknown for it', async () => {
    const runs = await reports([await orders()]);
    const run = runs.get(production);
    expect(row(run, 'orders')).toMatchObject({
      'health-checks': 'pass PROBES_TEST_THE_APP',
      'distributed-tracing': 'not looked at',
      'centralized-logging': 'not looked at',
      'deployment-automation': 'not looked at',
    });
    expect(cells(run, 'orders').filter(({ status }) => status === 'fail' || status === 'unknown')).toEqual([]);
    expect(run?.environment?.assumes).toEqual([
      'Objects that name no namespace go to apps, as Argo CD’s Application orders says.',
      expect.stringMatching(/^Others deliver to apps too/),
      expect.stringMatching(/^The platform is not known/),
    ]);
    expect(run?.summary).toMatchObject({ score: null, coverage: 100 });
  });

  test('file and line are those of the base that the overlay is made of', async () => {
    const service = await orders();
    const run = (await reports([service])).get(production);
    const probes = cells(run, 'orders').find(({ check }) => check === 'health-checks')?.evidence ?? [];
    expect(probes.map(({ file }) => file)).toEqual(['deploy/base/deployment.yaml', 'deploy/base/deployment.yaml']);
    const lines = readFileSync(join(service, 'deploy/base/deployment.yaml'), 'utf8').split('\n');
    expect(probes.map(({ line = 0 }) => lines[line - 1]?.trim())).toEqual(['readinessProbe:', 'livenessProbe:']);
    // What kustomize wrote to say so is no annotation of the service.
    expect(JSON.stringify(run)).not.toContain('config.kubernetes.io/origin');
  });

  test('what tracing and logging rest on: without the platform in the recording they do not pass', async () => {
    const payments = await inFolder(await serviceFiles('payments'));
    const recording = await recordingOf(`${payments}/${production}`);
    const run = (await reports([await orders(), '--with', recording])).get(production);
    expect(row(run, 'orders')['distributed-tracing']).toBe('warn DESTINATION_ABSENT');
    expect(row(run, 'orders')['centralized-logging']).toBe('fail NO_AGENT');
  });
});
