import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import apiGateway from '../../src/check/checks/api-gateway.ts';
import type { Check } from '../../src/check/checks/define/check.ts';
import healthChecks from '../../src/check/checks/health-checks.ts';
import serviceDiscovery from '../../src/check/checks/service-discovery.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import { filesBelow, root } from '../repo/support/imports.ts';
import { objectsIn, snapshotOf } from './support/fixture.ts';
import { serviceOf, workload } from './support/shop-objects.ts';

/** All that a check says of the service named `it`. */
function said(yaml: string, check: Check): string {
  const { header, objects } = objectsIn(yaml);
  const run = runChecks(snapshotOf(objects, header), { startedAt: '', today: '2026-01-01', checks: [check] });
  const { message, findings } = run.results.find(({ subject }) => subject.name === 'it') ?? {
    message: '',
    findings: [],
  };
  return [message, ...findings.flatMap((finding) => [finding.message, finding.fix])].join('\n');
}

const app = workload('it', '{ name: it, image: "shop/it:1.2.3", ports: [{ containerPort: 80 }] }');
const store = workload('it', '{ name: it, image: "postgres:17.4", ports: [{ containerPort: 5432 }] }');
const nodePort = serviceOf('it', 5432).replace('spec: {', 'spec: { type: NodePort,');
const caller = workload(
  'it',
  '{ name: it, image: "shop/it:1.2.3", ports: [{ containerPort: 80 }], env: [{ name: OTHER_URL, value: "http://other" }] }',
);
const other = workload('other', '{ name: other, image: "shop/other:1.2.3", ports: [{ containerPort: 80 }] }');

test.each([
  ['traffic reaches an app without probes', healthChecks, app + serviceOf('it'), /traffic reaches it.*GET \/health/s],
  ['nothing reaches a worker, so only its hanging counts', healthChecks, app, /^(?!.*traffic reaches).*hangs/s],
  ['a store has commands of its own', healthChecks, store + serviceOf('it', 5432), /pg_isready/],
  [
    'a store that is open to the outside is noted',
    apiGateway,
    store + nodePort,
    /NodePort.*Make its Service ClusterIP/s,
  ],
  [
    'a store that is not is no case for a gateway',
    apiGateway,
    store + serviceOf('it', 5432),
    /^a data store: no gateway/,
  ],
  [
    'one name is one',
    serviceDiscovery,
    caller + serviceOf('it') + other + serviceOf('other'),
    /the name it uses exists/,
  ],
  [
    'a namespace that is not there is named',
    serviceDiscovery,
    caller.replace('http://other', 'http://other.billing:80') + serviceOf('it'),
    /no namespace billing/,
  ],
])('%s', (_what, check, yaml, expected) => {
  expect(said(yaml, check)).toMatch(expected);
});

test('no advice destroys: what is told to go may be in use where nobody looks', () => {
  const texts = filesBelow('src/check')
    .filter((path) => /^src\/check\/(checks|findings)\//.test(path) && path.endsWith('.ts'))
    .flatMap((path) => readFileSync(join(root, path), 'utf8').split('\n'))
    .filter((line) => /fix\b.*[`']|^\s*[?:] [`']/.test(line));
  expect(texts.length).toBeGreaterThan(60);
  // A switch or an annotation of the workload's own is seen to act: that it goes is what is meant.
  const own = [
    /Remove \$\{what\}, or waive this/,
    /Or remove the annotation/,
    /Remove disableSpanReporting from the Telemetry/,
  ];
  const destroying = texts.filter((line) => /\b(delete|remove|drop|prune|uninstall|clean up)\b/i.test(line));
  expect(destroying.filter((line) => !own.some((pattern) => pattern.test(line)))).toEqual([]);
});
