import { expect, test } from 'vitest';
import apiGateway from '../../src/check/checks/api-gateway.ts';
import type { Check } from '../../src/check/checks/define/check.ts';
import healthChecks from '../../src/check/checks/health-checks.ts';
import serviceDiscovery from '../../src/check/checks/service-discovery.ts';
import { runChecks } from '../../src/check/run-checks.ts';
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
