import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { CheckRun } from '../../../src/check/contract.ts';
import { baselineOf, compareBaselines } from '../../../src/check/findings/baseline.ts';
import schema from '../../../src/check/report/report.schema.json' with { type: 'json' };
import { runChecks } from '../../../src/check/run-checks.ts';
import { writeRecording } from '../../../src/check/sources/recording/recording.ts';
import { runCommandLine } from '../../../src/cli/main.ts';
import { testPorts } from '../../cli/support/test-ports.ts';
import { check, folderOf, pathWith } from '../repository/support/check.ts';
import { fixtures, objectsIn, readFixture, snapshotOf } from '../support/fixture.ts';
import { observation } from '../support/observation.ts';
import { serviceOf, workload } from '../support/shop-objects.ts';

type Json = { [key: string]: unknown };

/** Nothing that the schema does not name: a new field has to be told there too. */
const strict = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, strict(one)]));
  return 'properties' in value && 'type' in value ? { ...inner, additionalProperties: false } : inner;
};

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
const asShipped = ajv.compile(schema);
const asTested = ajv.compile({ ...(strict(schema) as Json), $id: 'urn:msvc:strict' });

const seen = new Set<string>();
const note = (value: unknown): void => {
  if (Array.isArray(value)) for (const one of value) note(one);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      seen.add(key);
      note(inner);
    }
};

function expectValid(run: unknown): void {
  note(run);
  asTested(run);
  expect(asTested.errors ?? []).toEqual([]);
  expect(asShipped(run)).toBe(true);
}

async function json(...argv: string[]): Promise<CheckRun> {
  const ports = testPorts({ cwd: '/' });
  await runCommandLine('msvc', ['check-cluster', ...argv, '-o', 'json'], ports);
  return JSON.parse(ports.stdout.text);
}

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'msvc-schema-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

describe('the schema holds', () => {
  test('for the system that ships, and for a part of it', async () => {
    expectValid(await json('--demo'));
    expectValid(await json('--demo', '-l', 'app=orders', '--only', 'health-checks'));
  });

  test.each(fixtures)('for %s', (path) => {
    const snapshot = readFixture(path);
    const waivers = [{ check: 'health-checks', why: 'w', source: 's', expires: '2027-01-01' }];
    expectValid(runChecks(snapshot, { startedAt: '', today: '2026-01-01', waivers }));
  });

  test('for addresses that several are given, and one that leads where nobody looked', () => {
    const given = (name: string) =>
      workload(name, `{ name: ${name}, image: "shop/${name}:1", envFrom: [{ configMapRef: { name: all } }] }`);
    const addresses = { A_URL: 'http://a', B_URL: 'http://b', C_URL: 'http://c.elsewhere' };
    const { objects } = objectsIn(
      `kind: ConfigMap\napiVersion: v1\nmetadata: { name: all }\ndata: ${JSON.stringify(addresses)}\n---\n` +
        ['a', 'b', 'c'].map((name) => given(name) + serviceOf(name)).join(''),
    );
    const snapshot = snapshotOf(objects, { reads: { services: 'forbidden', namespaces: 'forbidden' } });
    const services = objects.filter(({ kind }) => kind === 'Service');
    const reads = [
      ...snapshot.reads,
      { resource: 'services', namespace: 'shop', outcome: 'ok' as const, count: services.length },
    ];
    const whole = new Map(snapshot.objects).set('services', services);
    expectValid(runChecks({ ...snapshot, reads, objects: whole }, { startedAt: '', today: '2026-01-01' }));
  });

  test('for a recording that lost a list', async () => {
    const into = join(folder(), 'recording');
    const snapshot = readFixture('test/check/systems/demo.yaml');
    const reads = snapshot.reads.map((read) =>
      read.resource === 'pods' ? { ...read, namespace: 'shop', outcome: 'forbidden' as const, detail: 'no' } : read,
    );
    await writeRecording({ ...snapshot, reads }, into);
    expectValid(await json('--from', into));
  });

  test.each(readdirSync(join(import.meta.dirname, '../field-cases')).filter((name) => /^(manifests|yaml)-/.test(name)))(
    'for the folder of %s',
    async (name) => {
      expectValid(await json('--from', join(import.meta.dirname, '../field-cases', name, 'manifests')));
    },
  );

  test('for the environments of a repository', async () => {
    const app = workload('a', '{ name: a, image: "shop/a:1" }') + serviceOf('a');
    const folder = folderOf({
      'plain/a.yaml': app,
      'prod/kustomization.yaml': 'resources: []',
      'broken/kustomization.yaml': 'resources: [gone.yaml]',
    });
    const { stdout } = await check([folder, '-o', 'json'], {
      path: pathWith({ kustomize: `cat <<'END'\n${app}\nEND` }),
    });
    const document = JSON.parse(stdout);
    expect(document.environments).toHaveLength(2);
    expect(document.notReported).toMatchObject([{ name: 'broken', outcome: 'failed', code: 'RENDERER_NEEDS_NETWORK' }]);
    expectValid(document);
  });

  test('for several clusters', () => {
    const run = runChecks(readFixture('test/check/systems/demo.yaml'), { startedAt: '', today: '2026-01-01' });
    const notReported = [{ name: 'gone', outcome: 'failed', code: 'UNREACHABLE', message: 'm' }];
    expectValid({ schema: 'msvc.contexts/1', contexts: [run, run], notReported });
  });

  test('where an earlier report was named', () => {
    const [then, now] = ['test/check/systems/shop.yaml', 'test/check/systems/demo.yaml'].map((path) =>
      runChecks(readFixture(path), { startedAt: '', today: '2026-01-01' }),
    ) as [CheckRun, CheckRun];
    const changes = compareBaselines(baselineOf(then), baselineOf(now, true));
    expectValid({ ...now, changes: { ...changes, lost: ['pods'] } });
  });

  test('for a recording of a system whose pods were asked', async () => {
    const into = join(folder(), 'recording');
    await writeRecording({ ...readFixture('test/check/systems/demo.yaml'), observations: [observation] }, into);
    const run = await json('--from', into);
    expect(run.observations).toEqual([observation]);
    expectValid(run);
  });

  test('where nothing is judged', async () => {
    const into = folder();
    writeFileSync(
      join(into, 'a.yaml'),
      'kind: Namespace\napiVersion: v1\nmetadata: { name: a }\n---\nkind: Service\napiVersion: v1\nmetadata: { name: b, namespace: b }\n',
    );
    expectValid(await json('--from', into, '-n', 'a'));
  });
});

describe('the schema refuses', () => {
  const run = runChecks(readFixture('test/check/systems/demo.yaml'), { startedAt: '', today: '2026-01-01' });
  test.each([
    ['another verdict', { ...run, results: run.results.map((result) => ({ ...result, status: 'fine' })) }],
    ['a result without evidence', { ...run, results: run.results.map(({ evidence: _, ...rest }) => rest) }],
    ['another schema', { ...run, schema: 'msvc.check/2' }],
  ])('%s', (_, wrong) => {
    expect(asShipped(wrong)).toBe(false);
  });
});

test('is printed as it ships', async () => {
  const ports = testPorts();
  expect(await runCommandLine('msvc', ['check-cluster', '--print-schema'], ports)).toBe(0);
  expect(JSON.parse(ports.stdout.text)).toEqual(schema);
});

// What no report has is either forgotten in these tests or told for nothing.
afterAll(() => {
  const named = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { properties } = value as { properties?: Json };
    for (const name of Object.keys(properties ?? {})) named.add(name);
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(schema);
  expect([...named].filter((name) => !seen.has(name))).toEqual([]);
});
