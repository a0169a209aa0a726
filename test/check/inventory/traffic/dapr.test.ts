import { expect, test } from 'vitest';
import communicationPatterns from '../../../../src/check/checks/communication-patterns.ts';
import healthChecks from '../../../../src/check/checks/health-checks.ts';
import serviceDiscovery from '../../../../src/check/checks/service-discovery.ts';
import { workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

const app = (annotations: string) =>
  workload('it', '{ name: it, image: "shop/it:1" }', { podMetadata: `, annotations: { ${annotations} }` });
const on = 'dapr.io/enabled: "true"';

test.each<[annotations: string, verdict: string]>([
  [`${on}, dapr.io/app-id: it, dapr.io/app-port: "3000"`, 'pass CHANNELS_KNOWN'],
  [`${on}, dapr.io/app-id: it`, 'unknown NO_CHANNEL_VISIBLE'],
  [`${on}, dapr.io/app-port: "3000"`, 'unknown NO_CHANNEL_VISIBLE'],
  ['dapr.io/app-id: it, dapr.io/app-port: "3000"', 'unknown NO_CHANNEL_VISIBLE'],
  [
    `${on}, dapr.io/app-id: it, dapr.io/app-port: {{port}}`.replace('{{port}}', '"{{port}}"'),
    'unknown NO_CHANNEL_VISIBLE',
  ],
])('a channel is declared by { %s }: %s', (annotations, verdict) =>
  expect(verdictOf(app(annotations), communicationPatterns)).toBe(verdict),
);

test('what Dapr calls is no worker', () => {
  const called = app(`${on}, dapr.io/app-id: it, dapr.io/app-port: "3000"`);
  expect(verdictOf(called, healthChecks)).toBe('fail NO_PROBES');
  expect(verdictOf(app(on), healthChecks)).toBe('fail WORKER_WITHOUT_PROBES');
  expect(verdictOf(called, serviceDiscovery)).toBe('warn ANOTHER_REGISTRY');
});
