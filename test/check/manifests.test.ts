import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runChecks } from '../../src/check/run-checks.ts';
import { readManifests } from '../../src/check/sources/manifests.ts';

const written = `apiVersion: apps/v1
kind: Deployment
metadata: { name: it, namespace: shop }
spec:
  selector: { matchLabels: { app: it } }
  template:
    metadata: { labels: { app: it } }
    spec:
      containers:
        - name: it
          image: shop/orders:1.2.3
          ports: [{ containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /ready, port: 8080 } }
          livenessProbe: { httpGet: { path: /live, port: 8080 } }
---
apiVersion: v1
kind: Service
metadata: { name: it, namespace: shop }
spec:
  selector: { app: it }
  ports: [{ port: 80, targetPort: 8080 }]
`;

test('a folder of manifests: what the template says is judged, what only a cluster knows is unknown, and there is no score', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'msvc-manifests-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'it.yaml'), written);

  const run = runChecks(await readManifests(folder), { startedAt: '2026-01-01T00:00:00.000Z', today: '2026-01-01' });

  const status = (check: string) =>
    run.results.find((result) => result.check === check && result.subject.kind === 'Service')?.status;
  expect(status('health-checks')).toBe('pass');
  expect(status('service-discovery')).toBe('unknown');
  expect(status('centralized-logging')).toBe('unknown');
  expect(run.summary).toMatchObject({ score: null, coverage: null });
});
