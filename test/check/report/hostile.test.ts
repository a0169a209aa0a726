import { expect, test } from 'vitest';
import type { PodObservation } from '../../../src/check/contract.ts';
import { renderJson } from '../../../src/check/report/json.ts';
import { renderMarkdown } from '../../../src/check/report/markdown.ts';
import { renderTerminal } from '../../../src/check/report/terminal.ts';
import { runChecks } from '../../../src/check/run-checks.ts';
import type { KubeObject } from '../../../src/check/sources/snapshot.ts';
import { snapshotOf } from '../support/fixture.ts';

// Clears the screen, sets the title, reorders the line, hides itself, and carries markup of three kinds.
const evil =
  '\u001b[2J\u001b]0;pwned\u0007\u202egnp\u200b\u0085\r\n<img src=x onerror=alert(1)> [link](http://evil.example) `x` | @everyone **b** www.evil.example';

const objects: KubeObject[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: `orders${evil}`,
      namespace: 'shop',
      annotations: { 'msvc.dev/ignore-health-checks': evil },
      labels: { 'app.kubernetes.io/part-of': evil },
    },
    spec: {
      template: {
        metadata: { labels: { app: 'orders' }, annotations: { 'msvc.dev/calls': evil, 'msvc.dev/context': evil } },
        spec: {
          containers: [
            {
              name: evil,
              image: `${evil}:latest`,
              env: [{ name: `URL${evil}`, value: `http://nowhere:80/${evil}` }],
              readinessProbe: { exec: { command: ['cat', evil] } },
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `orders${evil}`, namespace: 'shop' },
    spec: { selector: { app: 'orders' }, type: 'LoadBalancer', ports: [{ port: 80, name: evil }] },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: `idle${evil}`, namespace: 'shop' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: `gone${evil}` } },
  },
];

/** What a pod may answer and call its breakers. */
const hostile: PodObservation = {
  namespace: 'shop',
  pod: `orders${evil}-0`,
  container: evil,
  answers: [
    { purpose: 'metrics', request: `GET ${evil}`, outcome: 'refused', status: 403, detail: evil },
    { purpose: 'readiness', request: `GET ${evil}`, outcome: 'answered', status: 500 },
  ],
  health: { readiness: evil },
  breakers: [{ library: 'opossum', name: evil, metric: evil }],
  contract: { format: 'openapi', version: evil },
  echoed: { correlation: [evil], trace: [] },
};

const snapshot = snapshotOf(objects);
const run = runChecks(
  {
    ...snapshot,
    source: { kind: 'cluster', context: evil, version: evil },
    observations: [hostile],
    reads: [...snapshot.reads, { resource: 'pods', namespace: evil, outcome: 'forbidden', count: 0, detail: evil }],
  },
  { startedAt: '2026-01-01T00:00:00.000Z', today: '2026-01-01' },
);

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const control = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;

test.each([
  ['terminal', renderTerminal(run, { columns: 80, color: false })],
  ['markdown', renderMarkdown(run)],
  ['json', [...renderJson(run)].join('')],
])('%s holds no character that a terminal would obey', (_, text) => {
  expect(text).toContain('orders');
  expect(text).toContain('idle');
  expect(control.exec(text)).toBeNull();
});

test('Markdown shows markup, links and mentions as text', () => {
  const text = renderMarkdown(run);
  const outsideCode = text.replace(/^ *```yaml\n[^`]*^ *```$/gm, '').replace(/`[^`\n]*`/g, '');
  expect(outsideCode).not.toMatch(/(^|[^\\])<img/);
  expect(outsideCode).not.toMatch(/(^|[^\\])\[link\]/);
  expect(outsideCode).not.toContain('http://evil');
  expect(outsideCode).not.toContain('@everyone');
  expect(outsideCode).not.toContain('www.evil');
});

test('a reason for a waiver is told, harmless', () => {
  expect(run.results.some(({ findings }) => findings.some(({ waived }) => waived?.why.includes('pwned')))).toBe(true);
});
