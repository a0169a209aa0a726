import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CheckRun } from '../../src/check/contract.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import { amend } from '../cluster/amend.ts';
import { type Applied, apply } from '../cluster/apply.ts';
import { definitions } from '../cluster/definitions.ts';
import { withoutNodes } from '../cluster/nodes.ts';
import { settle } from '../cluster/settle.ts';
import { describeCluster, type SharedCluster } from '../cluster/use-cluster.ts';
import { differences, type FieldCase, fieldCases, isOfFiles } from './support/field-case.ts';
import { repeatedIds } from './support/repeated-ids.ts';
import { unlistedReasons } from './support/unlisted-reasons.ts';

/** Cases that do not come out right yet: whoever mends one takes it off. */
const notYet = new Set<string>([]);

async function judge({ scope, args }: FieldCase, { kubeconfig }: SharedCluster, more: string[]): Promise<CheckRun> {
  const ports = testPorts({ env: { KUBECONFIG: kubeconfig } });
  const where = scope ? scope.flatMap((namespace) => ['-n', namespace]) : ['-A'];
  await runCommandLine('msvc', ['check-cluster', '-o', 'json', ...where, ...args, ...more], ports);
  const run = JSON.parse(ports.stdout.text);
  // An error is told as JSON too.
  if (!run.results) throw new Error(ports.stdout.text);
  return run;
}

/** Every cell with its reason: what a recording must say as the cluster did. */
const cells = ({ results }: CheckRun): string[] =>
  results
    .filter(({ subject }) => subject.kind !== 'Cluster')
    .map(({ check, subject, status, reason }) => `${subject.namespace}/${subject.name}/${check}: ${status} ${reason}`);

const cases = fieldCases().filter((each) => !isOfFiles(each));

describeCluster('cases from the field, on a cluster', (cluster) => {
  const made: (() => Promise<void>)[] = [];
  // One after the other: their DaemonSets and nodes are evidence for the whole cluster.
  afterEach(async () => {
    for (const undo of made.splice(0).reverse()) await undo();
  });

  const isRight = async (fieldCase: FieldCase): Promise<void> => {
    const { manifests, after, nodes, manager } = fieldCase;
    if (nodes === 0) made.push(await withoutNodes(cluster.api));
    made.push((await apply(cluster.api, manifests, manager ? { manager } : {})).wipe);
    if (after) await amend(cluster.api, after);
    await settle(cluster.api);
    const folder = join(mkdtempSync(join(tmpdir(), 'msvc-field-case-')), 'recording');
    const run = await judge(fieldCase, cluster, ['--record', folder]);
    const again = await judge(fieldCase, cluster, ['--from', folder]);
    rmSync(dirname(folder), { recursive: true });
    expect(cells(again), 'judged from its recording').toEqual(cells(run));
    expect([unlistedReasons(run), repeatedIds(run)]).toEqual([[], []]);
    const wrong = differences(fieldCase, run);
    if (notYet.has(fieldCase.name)) expect(wrong, 'it comes out right: take it off the list').not.toEqual([]);
    else expect(wrong).toEqual([]);
  };

  test.each(cases.filter(({ crds }) => crds.length === 0))('$name', isRight);

  describe('with definitions', () => {
    let served: Applied;
    // All at once: the server lists a definition, and lists it no more, many seconds after it took it.
    beforeAll(async () => {
      const kinds = cases.flatMap(({ crds }) => crds);
      const distinct = new Map(kinds.map((kind) => [`${kind.plural}.${kind.group}`, kind]));
      served = await apply(cluster.api, definitions([...distinct.values()]));
    });
    afterAll(() => served?.wipe());

    test.each(cases.filter(({ crds }) => crds.length > 0))('$name', isRight);
  });
});
