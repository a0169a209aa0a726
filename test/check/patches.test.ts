import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Finding } from '../../src/check/contract.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import type { KubeObject } from '../../src/check/sources/snapshot.ts';
import { root } from '../repo/support/imports.ts';
import { fixtures, objectsIn, snapshotOf } from './support/fixture.ts';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** By what Kubernetes tells apart the members of the lists that patches touch. */
const sameMember = (a: Json, b: Json): boolean =>
  'port' in a || 'port' in b ? a['port'] === b['port'] : a['name'] === b['name'];

/** A strategic merge, as `kubectl patch` does it. */
function merged(value: unknown, patch: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(patch) && value.every(isObject) && patch.every(isObject)) {
    const rest = patch.filter((change) => !value.some((each) => sameMember(each, change)));
    const own = value.map((each) => merged(each, patch.find((change) => sameMember(each, change)) ?? {}));
    return [...own, ...rest];
  }
  if (!isObject(patch)) return patch;
  const base = isObject(value) ? value : {};
  const entries = Object.entries(patch).map(([key, change]) => [key, merged(base[key], change)] as const);
  return Object.fromEntries(
    Object.entries({ ...base, ...Object.fromEntries(entries) }).filter(([, each]) => each !== null),
  );
}

/** Every finding of a system by its id. */
function findings(objects: readonly KubeObject[], header: Parameters<typeof snapshotOf>[1]): Map<string, Finding> {
  const { results } = runChecks(snapshotOf(structuredClone(objects), header), { startedAt: '', today: '2026-01-01' });
  return new Map(results.flatMap((result) => result.findings.map((finding) => [finding.id, finding] as const)));
}

/** Reasons whose patches were tried. */
const mended = new Set<string>();

it.each(fixtures)('%s: a fix that can be pasted, pasted, mends what was found', (path) => {
  const { header, objects } = objectsIn(readFileSync(resolve(root, path), 'utf8'));
  for (const { id, reason, patch } of findings(objects, header).values()) {
    if (patch === undefined) continue;
    const change = parse(patch) as KubeObject;
    const of = objects.find(
      ({ apiVersion, kind, metadata }) =>
        apiVersion === change.apiVersion &&
        kind === change.kind &&
        metadata.name === change.metadata.name &&
        metadata.namespace === change.metadata.namespace,
    );
    expect(of, `the object of ${id}`).toBeDefined();
    const after = objects.map((object) => (object === of ? (merged(object, change) as KubeObject) : object));
    const left = findings(after, header).get(id);
    expect(left && `${left.id}: ${left.message}\n${patch}`).toBeUndefined();
    mended.add(reason);
  }
});

it('the reasons that bring such a fix', () => {
  expect([...mended].sort()).toMatchInlineSnapshot(`
    [
      "BACKEND_WITHOUT_PROBES",
      "BYPASS",
      "EXPOSED_DIRECTLY",
      "LIVENESS_GIVES_UP_FIRST",
      "MARKER_FILE",
      "NOT_DECLARED",
      "NO_LIVENESS",
      "NO_PROBES",
      "NO_READINESS",
      "ONLY_STARTUP_PROBE",
      "PROBE_OF_NO_PORT",
      "PROBE_PROVES_NOTHING",
      "RECREATES",
      "ROLLOUT_TAKES_ALL",
      "SELECTS_NOTHING",
      "TARGET_PORT_OF_NOTHING",
      "TCP_ONLY",
    ]
  `);
});
