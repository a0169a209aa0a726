import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CheckRun } from '../../../../src/check/contract.ts';
import { exitCode } from '../../../../src/check/findings/exit-code.ts';
import { renderMarkdown } from '../../../../src/check/report/markdown.ts';
import { renderTerminal } from '../../../../src/check/report/terminal.ts';
import { runChecks } from '../../../../src/check/run-checks.ts';
import { readFrom } from '../../../../src/check/sources/from.ts';

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

/** A folder of its own with these files, by path. */
function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'msvc-manifests-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const judge = async (folder: string): Promise<CheckRun> =>
  runChecks(await readFrom(folder), { startedAt: '2026-01-01T00:00:00.000Z', today: '2026-01-01' });
const services = (run: CheckRun) => [
  ...new Set(run.results.flatMap(({ subject }) => (subject.kind === 'Cluster' ? [] : [subject.name]))),
];
const unread = (run: CheckRun) => run.reads.filter(({ outcome }) => outcome === 'error');

test('a folder of manifests: what the template says is judged, what only a cluster knows is unknown, and there is no score', async () => {
  const run = await judge(folderOf({ 'it.yaml': written }));

  const status = (check: string) =>
    run.results.find((result) => result.check === check && result.subject.kind === 'Service')?.status;
  expect(status('health-checks')).toBe('pass');
  expect(status('service-discovery')).toBe('unknown');
  expect(status('centralized-logging')).toBe('unknown');
  expect(run.summary.score).toBeNull();
  // Nothing failed to be read: a pipeline may ask for a coverage, and is not told for ever that the run is incomplete.
  expect(run.summary.coverage).toBeGreaterThan(0);
  expect(exitCode(run, 'fail', 0)).toBe(0);
  expect(exitCode(run, 'fail', 100)).toBe(3);
});

test('the report says what a folder cannot tell, and sends nobody to look for rights', async () => {
  const run = await judge(folderOf({ 'it.yaml': written }));
  for (const text of [renderTerminal(run, { columns: 100, color: false }), renderMarkdown(run)]) {
    expect(text).toContain('What a folder cannot tell');
    expect(text).toMatch(/service-discovery \\?\(1\\?\)/);
    expect(text).toContain('No score: it is about what runs, and this is a folder.');
    expect(text).not.toMatch(/--can-i|--print-rbac|Could not be read|kubectl get|Kubernetes unknown/);
  }
});

test('objects come from lists and from several documents of a file, and prove nothing absent', async () => {
  const service = (name: string) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name } });
  const { objects, reads } = await readFrom(
    folderOf({
      'all.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [service('b'), service('a')] }),
      'more.yml': 'kind: Deployment\napiVersion: apps/v1\nmetadata: {name: x}\n---\nkind: Odd\n',
    }),
  );
  expect(objects.get('services')?.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  expect(objects.get('deployments.apps')?.[0]?.metadata).toEqual({ name: 'x', namespace: 'default' });
  expect(reads.filter(({ outcome }) => outcome === 'ok' || outcome === 'absent')).toEqual([]);
});

describe('what must be rendered first', () => {
  const patch = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: it, namespace: shop }\nspec: { replicas: 3 }';

  test('a kustomization is not judged in halves: its overlays are named, with the command', async () => {
    const folder = folderOf({
      'deploy/base/it.yaml': written,
      'deploy/base/kustomization.yaml': 'resources: [it.yaml]',
      'deploy/production/patch.yaml': patch,
      'deploy/production/kustomization.yaml': 'resources: [../base/]\npatches: [{ path: patch.yaml }]',
    });
    await expect(judge(folder)).rejects.toMatchObject({
      code: 'UNRENDERED_MANIFESTS',
      exitCode: 2,
      why: expect.stringContaining('deploy/production is a kustomization'),
      fix: expect.stringContaining(`kubectl kustomize "${folder}/deploy/production" > rendered.yaml`),
    });
  });

  test('beside manifests, a chart and a template are in the ledger, and without them there is no coverage', async () => {
    const folder = folderOf({
      'plain/it.yaml': written,
      'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nkind: application',
      'chart/values.yaml': 'replicas: 2',
      'chart/templates/it.yaml': 'apiVersion: apps/v1\nkind: Deployment\n{{- if .Values.on }}\nmetadata: {{ .x }}',
      'loose.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: a }\n{{- range .ports }}\n  b: {{ . }}',
      'named.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: "{{ .Release.Name }}" }',
    });
    const run = await judge(folder);
    expect(services(run)).toEqual(['it']);
    expect(unread(run).map(({ resource }) => resource)).toEqual(['chart', 'loose.yaml', 'named.yaml']);
    expect(unread(run)[0]?.detail).toContain(`helm template "${folder}/chart"`);
    expect(run.summary).toMatchObject({ score: null, coverage: null });
    expect(exitCode(run, 'never', 0)).toBe(3);
    expect(renderTerminal(run, { columns: 80, color: false })).toContain('Could not be read (3)');
  });

  test('braces that a program fills in are none of ours', async () => {
    const rule =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: rules }\ndata: { rule: "{{ $labels.pod }} is down" }';
    const run = await judge(folderOf({ 'it.yaml': written, 'rules.yaml': rule }));
    expect(unread(run)).toEqual([]);
  });
});

test('what is no YAML is named with file and line; what is no manifest is passed over', async () => {
  const folder = folderOf({
    'it.yaml': written,
    'tsconfig.json': '{ // a comment\n "a": 1, }',
    'broken.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: a\nspec: }',
  });
  await expect(judge(folder)).rejects.toMatchObject({
    code: 'BROKEN_MANIFEST',
    message: expect.stringMatching(/broken\.yaml:\d+ is not YAML$/),
    exitCode: 2,
  });
  rmSync(join(folder, 'broken.yaml'));
  expect(services(await judge(folder))).toEqual(['it']);
  expect(services(await judge(join(folder, 'it.yaml')))).toEqual(['it']);
});

test('a folder without any object, and one that is not there', async () => {
  const empty = folderOf({ 'workflow.yaml': 'on: push' });
  for (const path of [empty, join(empty, 'nowhere')])
    await expect(judge(path)).rejects.toMatchObject({ code: 'NO_MANIFESTS', exitCode: 2 });
});

test('one broken file need not stop the rest: it is told, and the run is incomplete', async () => {
  const folder = folderOf({ 'it.yaml': written, 'broken.yaml': 'kind: Service\nmetadata: { name: a\nspec: }' });
  const run = runChecks(await readFrom(folder, { keepGoing: true }), { startedAt: '', today: '2026-01-01' });
  expect(services(run)).toEqual(['it']);
  expect(unread(run)).toEqual([
    expect.objectContaining({ resource: 'broken.yaml:3', detail: expect.stringMatching(/^it is not YAML: /) }),
  ]);
  expect(exitCode(run, 'never', 0)).toBe(3);
  const alone = folderOf({ 'broken.yaml': 'kind: Service\nmetadata: { name: a\nspec: }' });
  await expect(readFrom(alone, { keepGoing: true })).rejects.toMatchObject({ code: 'BROKEN_MANIFEST' });
});

const saidOf = async (yaml: string, check: string): Promise<string> => {
  const run = await judge(folderOf({ 'it.yaml': yaml }));
  const own = run.results.find((result) => result.check === check && result.subject.name === 'it');
  return `${own?.status} ${own?.findings.map(({ reason }) => reason).join(' ')}`;
};

/** What envsubst and its like fill in. */
const later = (name: string): string => `$\{${name}}`;

describe('what is filled in later is not known', () => {
  test.each([
    [
      'the whole image',
      'image: shop/orders:1.2.3',
      `image: ${later('IMAGE')}`,
      'deployment-automation',
      'unknown PLACEHOLDER',
    ],
    [
      'a tag',
      'image: shop/orders:1.2.3',
      `image: shop/orders:${later('TAG')}`,
      'deployment-automation',
      'unknown PLACEHOLDER',
    ],
    ['a tag of a pipeline', 'orders:1.2.3', 'orders:$(Build.BuildId)', 'deployment-automation', 'unknown PLACEHOLDER'],
    [
      'a registry, with the version beside it',
      'shop/orders:1.2.3',
      `${later('REGISTRY')}/orders:latest`,
      'deployment-automation',
      'fail NO_VERSION',
    ],
    [
      'the port of a probe',
      'path: /ready, port: 8080',
      `path: /ready, port: "${later('PORT')}"`,
      'health-checks',
      'unknown PLACEHOLDER',
    ],
    [
      'the type of a Service',
      'selector: { app: it }\n  ports: [{ port: 80',
      `type: ${later('TYPE')}\n  selector: { app: it }\n  ports: [{ port: 80`,
      'api-gateway',
      'unknown PLACEHOLDER',
    ],
    [
      'a type of nothing outside',
      'selector: { app: it }\n  ports: [{ port: 80',
      'type: ClusterIP\n  selector: { app: it }\n  ports: [{ port: 80',
      'api-gateway',
      'unknown NOT_READ',
    ],
    [
      'the network of its node',
      '    spec:\n      containers:',
      `    spec:\n      hostNetwork: ${later('HOST')}\n      containers:`,
      'api-gateway',
      'unknown PLACEHOLDER',
    ],
    [
      'a port of its node',
      'containerPort: 8080',
      `containerPort: 8080, hostPort: "${later('PORT')}"`,
      'api-gateway',
      'unknown PLACEHOLDER',
    ],
    [
      'a port of its node that is known',
      'containerPort: 8080',
      `containerPort: 8080, hostPort: 8080 }, { containerPort: 9090, hostPort: "${later('PORT')}"`,
      'api-gateway',
      'unknown NOT_READ',
    ],
    [
      'a port of nothing, which is none',
      'path: /ready, port: 8080',
      'path: /ready, port: web',
      'health-checks',
      'fail PROBE_OF_NO_PORT',
    ],
  ])('%s', async (_, from, to, check, expected) => {
    expect(written).toContain(from);
    const [status = '', reason = ''] = expected.split(' ');
    expect(await saidOf(written.replace(from, to), check)).toMatch(new RegExp(`^${status}\\b.* ${reason}\\b`));
  });

  test('the port that a Service leads to', async () => {
    const run = await judge(
      folderOf({ 'it.yaml': written.replace('targetPort: 8080', `targetPort: "${later('PORT')}"`) }),
    );
    const findings = run.results.flatMap((result) => (result.check === 'service-discovery' ? result.findings : []));
    expect(findings.map(({ reason }) => reason)).not.toContain('TARGET_PORT_OF_NOTHING');
  });

  test('the number of a port whose name a probe asks', async () => {
    const named = written
      .replace('ports: [{ containerPort: 8080 }]', `ports: [{ name: web, containerPort: "${later('PORT')}" }]`)
      .replace('path: /ready, port: 8080', 'path: /ready, port: web');
    expect(await saidOf(named, 'health-checks')).toBe('pass ');
  });

  test('a port that others call, and that a route names', async () => {
    const caller = written
      .replaceAll('it', 'caller')
      .replace('image:', 'env: [{ name: IT_URL, value: "http://it:8080" }]\n          image:');
    const route = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: it, namespace: shop }
spec: { rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: it, port: { number: 9090 } } } }] } }] }
`;
    const reasonsWith = async (port: string) => {
      const it = written.replace('port: 80,', `port: ${port},`);
      const run = await judge(folderOf({ 'it.yaml': [it, caller, route].join('---\n') }));
      return run.results.flatMap(({ findings }) => findings.map(({ reason }) => reason));
    };
    expect(await reasonsWith('80')).toEqual(expect.arrayContaining(['PORT_OF_NOTHING', 'ROUTE_TO_NOTHING']));
    const filled = await reasonsWith(`"${later('PORT')}"`);
    expect(filled).not.toContain('PORT_OF_NOTHING');
    expect(filled).not.toContain('ROUTE_TO_NOTHING');
  });

  test('one database behind one placeholder is not proven to be one', async () => {
    const both = ['a', 'b'].map((name) =>
      written
        .replaceAll('it', name)
        .replace(
          'image:',
          `env: [{ name: DB, value: "Host=db;Database=${later('DB')};Username=${later('USER')};Password=x" }]\n          image:`,
        ),
    );
    const run = await judge(folderOf({ 'it.yaml': both.join('---\n') }));
    expect(run.results.flatMap(({ findings }) => findings.map(({ reason }) => reason))).not.toContain(
      'SHARED_DATABASE',
    );
  });
});

describe('a selector that finds nothing in its folder', () => {
  const selecting = (selector: string, labels = 'app: it-service', name = 'it') =>
    written
      .replaceAll('{ app: it }', `{ ${labels} }`)
      .replace(`selector: { ${labels} }\n  ports`, `selector: { ${selector} }\n  ports`)
      .replace('kind: Deployment\nmetadata: { name: it,', `kind: Deployment\nmetadata: { name: ${name},`);

  test.each([
    ['by a letter', 'app: it-servce', 'app: it-service', 'it'],
    ['by a letter, under another name', 'app: it-servce', 'app: it-service', 'orders'],
    ['in one label of two', 'app: it-service, tier: bakcend', 'app: it-service, tier: backend', 'it'],
  ])('misses it %s', async (_, selector, labels, name) => {
    expect(await saidOf(selecting(selector, labels, name), 'service-discovery')).toBe('warn SELECTOR_MISSES');
  });

  test.each([
    ['asks for something else', 'app: payments', 'app: it-service'],
    ['asks for another number', 'app: it-service-2', 'app: it-service-1'],
    ['asks for another of a pair', 'app: it-service-a', 'app: it-service-b'],
    ['is filled in later', `app: "${later('NAME')}"`, 'app: it-service'],
  ])('and %s, may find what is not in the folder', async (_, selector, labels) => {
    expect(await saidOf(selecting(selector, labels), 'service-discovery')).toMatch(/^unknown /);
  });

  test('the fix can be pasted', async () => {
    const run = await judge(folderOf({ 'it.yaml': selecting('app: it-servce') }));
    const [finding] = run.results.flatMap(({ findings }) =>
      findings.filter(({ reason }) => reason === 'SELECTOR_MISSES'),
    );
    expect(finding?.patch).toBe(
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: it\n  namespace: shop\nspec:\n  selector:\n    app: it-service',
    );
  });
});
