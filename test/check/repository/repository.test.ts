import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CheckRun } from '../../../src/check/contract.ts';
import { writeRecording } from '../../../src/check/sources/recording/recording.ts';
import { runCommandLine } from '../../../src/cli/main.ts';
import { testPorts } from '../../cli/support/test-ports.ts';
import { objectsIn, snapshotOf } from '../support/fixture.ts';
import { logAgent, serviceOf, workload } from '../support/shop-objects.ts';
import { cells, check, folderOf, pathWith, reports, row } from './support/check.ts';

const app = (name: string, { env = '', image = `shop/${name}:1.2.3`, labels = name, namespace = '' } = {}) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}${namespace && `, namespace: ${namespace}`} }
spec:
  selector: { matchLabels: { app: ${labels} } }
  template:
    metadata: { labels: { app: ${labels} } }
    spec:
      containers:
        - name: ${name}
          image: ${image}
          ports: [{ name: http, containerPort: 8080 }]
          env: [${env}]
          readinessProbe: { httpGet: { path: /ready, port: http } }
---
`;
const service = (name: string, { selects = name, namespace = '' } = {}) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}${namespace && `, namespace: ${namespace}`} }
spec: { selector: { app: ${selects} }, ports: [{ port: 80, targetPort: http }] }
---
`;
const calls = (name: string) => `{ name: ${name.toUpperCase()}_URL, value: "http://${name}" }`;
const both = (name: string, options: Parameters<typeof app>[1] & { selects?: string } = {}) =>
  app(name, options) + service(name, options);

describe('what is found', () => {
  test('plain manifests are one environment, however many folders they are in', async () => {
    const runs = await reports([folderOf({ 'a/a.yaml': both('a'), 'b/b.yaml': both('b'), 'b/notes.yaml': 'x: 1' })]);
    expect([...runs.keys()]).toEqual(['.']);
    expect(cells(runs.get('.'), 'b')).not.toEqual([]);
  });

  test('folders that hold the same objects are one each', async () => {
    const runs = await reports([folderOf({ 'dev/a.yaml': both('a'), 'prod/a.yaml': both('a') })]);
    expect([...runs.keys()]).toEqual(['dev', 'prod']);
  });

  test('what lies in folders of dependencies and tools is of others', async () => {
    const files = { 'a.yaml': both('a'), 'node_modules/x/b.yaml': both('b'), '.github/c.yaml': both('c') };
    const run = (await reports([folderOf(files)])).get('.');
    expect([cells(run, 'b'), cells(run, 'c')]).toEqual([[], []]);
  });

  test('overlays are rendered and bases, components and library charts are not', async () => {
    const folder = folderOf({
      'base/kustomization.yaml': 'resources: [a.yaml]',
      'base/a.yaml': both('a'),
      'extra/kustomization.yaml': 'kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1',
      'prod/kustomization.yaml': 'resources: [../base]',
      'lib/Chart.yaml': 'name: lib\ntype: library',
      'chart/Chart.yaml': 'name: chart',
      'chart/charts/inner/Chart.yaml': 'name: inner',
    });
    const path = pathWith({
      kustomize: `cat <<'END'\n${both('a')}\nEND`,
      helm: `cat <<'END'\n${both('b')}\nEND`,
    });
    const runs = await reports([folder], { path });
    expect([...runs].map(([name, { environment }]) => `${name}: ${environment?.renderedBy}`)).toEqual([
      'prod: kustomize build prod',
      'chart: helm template chart chart',
    ]);
  });

  test('overlays that build on each other alone are left to the renderer, not left out', async () => {
    const files = {
      'a/kustomization.yaml': 'resources: [../b]',
      'b/kustomization.yaml': 'resources: [../a]',
      'c/c.yaml': both('c'),
    };
    const path = pathWith({ kustomize: 'echo cycle detected >&2; exit 1' });
    const { exitCode, stderr } = await check([folderOf(files)], { path });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/a could not be rendered[\s\S]*cycle detected[\s\S]*b could not be rendered/);
  });

  test.each([
    ['a folder without any', {}, 'holds no service to judge'],
    ['an overlay without a service', { 'kustomization.yaml': 'resources: []' }, 'holds no service to judge'],
  ])('%s is told', async (_, files, what) => {
    const { exitCode, stderr } = await check([folderOf(files)], { path: pathWith({ kustomize: 'echo' }) });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(what);
  });
});

describe('what is still to be applied', () => {
  test('a selector that matches a template is as good as pods that are ready, and never observed', async () => {
    const run = (await reports([folderOf({ 'a.yaml': both('a') + both('b', { env: calls('a') }) })])).get('.');
    expect(row(run, 'a')['service-discovery']).toBe('pass NAME_LEADS_TO_READY_PODS');
    expect(row(run, 'b')['communication-patterns']).toBe('pass CHANNELS_KNOWN');
    expect(run?.results.filter(({ level }) => level === 'observed')).toEqual([]);
  });

  test('a selector that matches none fails, at its line', async () => {
    const folder = folderOf({ 'deploy/a.yaml': both('a', { selects: 'other' }) + both('b') });
    const [finding] =
      cells((await reports([folder])).get('deploy'), 'a').find(({ check }) => check === 'service-discovery')
        ?.findings ?? [];
    expect(finding).toMatchObject({ status: 'fail', reason: 'SELECTS_NOTHING' });
    expect(finding?.evidence[0]).toMatchObject({ file: 'deploy/a.yaml', line: 21 });
  });

  test('scaled to none it does not answer', async () => {
    const yaml = both('a').replace(
      'spec:\n  selector: { matchLabels',
      'spec:\n  replicas: 0\n  selector: { matchLabels',
    );
    const run = (await reports([folderOf({ 'a.yaml': yaml + both('b') })])).get('.');
    expect(row(run, 'a')['service-discovery']).toBe('n-a SCALED_TO_ZERO');
  });

  test('of a system the absent is proven; what one application alone calls is delivered by others', async () => {
    const system = (await reports([folderOf({ 'a.yaml': both('a', { env: calls('gone') }) + both('b') })])).get('.');
    expect(row(system, 'a')['service-discovery']).toBe('warn ADDRESS_OF_NOTHING');
    expect(system?.environment?.assumes).toContain('These manifests are all that is in default.');
    const alone = (await reports([folderOf({ 'a.yaml': both('a', { env: calls('gone') }) })])).get('.');
    expect(row(alone, 'a')['service-discovery']).toBe('not looked at');
    expect(row(alone, 'a')['service-boundaries']).not.toMatch(/^(pass|n-a)/);
  });

  test('what the manifests themselves show wrong counts beside what was not looked at', async () => {
    const run = (
      await reports([folderOf({ 'a.yaml': both('a', { image: 'shop/a' }) + both('b', { image: 'shop/b:latest' }) })])
    ).get('.');
    expect(row(run, 'a')['deployment-automation']).toBe('fail NO_VERSION');
    expect((await check([folderOf({ 'a.yaml': both('a', { image: 'shop/a' }) })])).exitCode).toBe(1);
  });

  test('of a practice that only pods can show, what the manifests lack counts, and what they have does not pass', async () => {
    const two = both('b').replace(
      'spec:\n  selector: { matchLabels',
      'spec:\n  replicas: 2\n  selector: { matchLabels',
    );
    const requests = two.replace(
      '          readinessProbe',
      '          resources: { requests: { cpu: 1m, memory: 1Mi } }\n          readinessProbe',
    );
    const budget =
      'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: b }\nspec: { maxUnavailable: 1, selector: { matchLabels: { app: b } } }\n';
    const run = (await reports([folderOf({ 'a.yaml': both('a') + requests + budget })])).get('.');
    expect(row(run, 'a')['design-for-failure']).toMatch(/^warn /);
    expect(row(run, 'b')['design-for-failure']).toBe('not looked at');
  });

  test('what was not looked at is in no count, and is told', async () => {
    const folder = folderOf({ 'a.yaml': both('a') + both('b') });
    const run = (await reports([folder])).get('.');
    const counted = run?.summary.items.find(({ check }) => check === 'centralized-logging');
    expect(counted).toMatchObject({ pass: 0, warn: 0, fail: 0, unknown: 0 });
    expect(run?.notLookedAt).toContainEqual(
      expect.objectContaining({
        check: 'centralized-logging',
        subject: { kind: 'Service', namespace: 'default', name: 'a' },
      }),
    );
    for (const format of ['terminal', 'markdown']) {
      const text = (await check([folder, '-o', format])).stdout.replace(/\s+/g, ' ');
      expect(text).toMatch(/Not looked at, as only the platform can answer [^.]*centralized-logging \(2\)/);
    }
  });
});

describe('--with: what was recorded stands around it', () => {
  const recorded = async (yaml: string, reads?: Record<string, 'forbidden'>): Promise<string> => {
    const into = join(folderOf({}), 'recording');
    const { objects } = objectsIn(yaml);
    await writeRecording(snapshotOf(objects, reads ? { reads } : {}), into);
    return into;
  };
  const store =
    workload('db', '{ name: db, image: "postgres:18", ports: [{ containerPort: 5432 }] }') + serviceOf('db', 5432);
  const uses = (name: string) => `{ name: DATABASE_URL, value: "postgres://${name}:x@db/orders" }`;

  test('what it calls is looked for there, and what stands there is not judged again', async () => {
    const around = await recorded(both('payments'));
    const folder = folderOf({
      'a.yaml': both('a', { env: `${calls('payments')}, ${calls('gone')}`, namespace: 'shop' }),
    });
    const run = (await reports([folder, '--with', around])).get('.');
    const found = cells(run, 'a')
      .find(({ check }) => check === 'service-discovery')
      ?.findings.map(({ id }) => id);
    expect(found).toEqual(['service-discovery/shop/a/ADDRESS_OF_NOTHING/gone']);
    expect(cells(run, 'payments')).toEqual([]);
  });

  test('what has its name there is replaced, with all that controllers made of it', async () => {
    const around = await recorded(both('a', { image: 'shop/a:latest' }) + both('payments'));
    const folder = folderOf({ 'a.yaml': both('a', { selects: 'b', namespace: 'shop' }) });
    const run = (await reports([folder, '--with', around])).get('.');
    expect(row(run, 'a')['deployment-automation']).toBe('warn NOBODY_MANAGES_IT');
    expect(row(run, 'a')['service-discovery']).toBe('fail SELECTS_NOTHING');
  });

  test('a database of both: marks of a recording are equal to no name, so it never passes', async () => {
    const around = await recorded(both('stock', { env: uses('stock') }) + store);
    const folder = folderOf({ 'a.yaml': both('a', { env: uses('a'), namespace: 'shop' }) });
    const run = (await reports([folder, '--with', around])).get('.');
    const own = cells(run, 'a').find(({ check }) => check === 'service-boundaries');
    expect(own?.findings.map(({ status, reason }) => `${status} ${reason}`)).toContain('warn SHARED_STORE');
  });

  test('what could not be read there is unknown', async () => {
    const around = await recorded(both('payments'), { 'daemonsets.apps': 'forbidden' });
    const folder = folderOf({ 'a.yaml': both('a', { namespace: 'shop' }) });
    expect(row((await reports([folder, '--with', around])).get('.'), 'a')['centralized-logging']).toBe(
      'unknown NOT_READ',
    );
  });

  test('what shows only once it runs is unknown: on which nodes, and what stands beside it', async () => {
    const told = '{ name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://localhost:4318" }';
    const folder = folderOf({ 'a.yaml': both('a', { env: told, namespace: 'shop' }) });
    const into = join(folderOf({}), 'recording');
    const snapshot = snapshotOf(objectsIn(both('payments')).objects);
    const reads = snapshot.reads.map((read) => (read.resource === 'nodes' ? { ...read, count: 0 } : read));
    await writeRecording({ ...snapshot, reads, objects: new Map(snapshot.objects).set('nodes', []) }, into);
    const run = (await reports([folder, '--with', into])).get('.');
    expect(row(run, 'a')['centralized-logging']).toBe('unknown NOT_RUNNING_YET');
    expect(row(run, 'a')['distributed-tracing']).toBe('unknown NOT_RUNNING_YET');
    expect(row((await reports([folder])).get('.'), 'a')['distributed-tracing']).toBe('not looked at');
  });

  test('an agent of the nodes is no proof for pods that nobody has placed', async () => {
    const agent = workload(
      'agent',
      '{ name: agent, image: "otel/opentelemetry-collector:1", ports: [{ containerPort: 4318, hostPort: 4318 }] }',
      { kind: 'DaemonSet' },
    );
    const told =
      '{ name: NODE, valueFrom: { fieldRef: { fieldPath: status.hostIP } } }, { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://$(NODE):4318" }';
    const folder = folderOf({ 'a.yaml': both('a', { env: told, namespace: 'shop' }) });
    const run = (await reports([folder, '--with', await recorded(agent)])).get('.');
    expect(row(run, 'a')['distributed-tracing']).toBe('unknown NOT_RUNNING_YET');
  });

  test('a recording of some namespaces tells of agents all the same, where it has the nodes', async () => {
    const into = join(folderOf({}), 'recording');
    const snapshot = snapshotOf(objectsIn(logAgent).objects);
    const reads = snapshot.reads.map((read) => (read.resource === 'pods' ? { ...read, namespace: 'shop' } : read));
    await writeRecording({ ...snapshot, reads }, into);
    const folder = folderOf({ 'a.yaml': both('a', { namespace: 'shop' }) });
    const found = row((await reports([folder, '--with', into])).get('.'), 'a')['centralized-logging'];
    expect(found).toBe('warn DESTINATION_HIDDEN');
  });

  test.each([
    ['that it tolerates', 'tolerations: [{ key: gpu, operator: Exists }]', true],
    ['that it tolerates by its value', 'tolerations: [{ key: gpu, value: a100, effect: NoSchedule }]', true],
    ['of all, as it tolerates everything', 'tolerations: [{ operator: Exists }]', true],
    ['that it does not tolerate', 'tolerations: [{ key: gpu, value: other }]', false],
    ['without any toleration', 'restartPolicy: Always', false],
  ])('a node with a taint %s may get its pods: an agent that is not there misses them', async (_, spec, isMissed) => {
    const into = join(folderOf({}), 'recording');
    const snapshot = snapshotOf(objectsIn(logAgent).objects);
    const tainted = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'gpu-1' },
      spec: { taints: [{ key: 'gpu', value: 'a100', effect: 'NoSchedule' }] },
    };
    const nodes = [...(snapshot.objects.get('nodes') ?? []), tainted];
    await writeRecording({ ...snapshot, objects: new Map(snapshot.objects).set('nodes', nodes) }, into);
    const yaml = both('a', { namespace: 'shop' }).replace('    spec:\n', `    spec:\n      ${spec}\n`);
    const run = (await reports([folderOf({ 'a.yaml': yaml }), '--with', into])).get('.');
    const found = cells(run, 'a').find(({ check }) => check === 'centralized-logging')?.findings ?? [];
    expect(found.some(({ reason }) => reason === 'SOME_NODES')).toBe(isMissed);
    expect(found.some(({ reason }) => reason === 'DESTINATION_HIDDEN')).toBe(true);
  });

  test('a folder that is no recording is told', async () => {
    const { exitCode, stderr } = await check([folderOf({ 'a.yaml': both('a') }), '--with', folderOf({})]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('cannot be read as part of a recording')]);
  });
});

describe('rendering', () => {
  const overlay = { 'prod/kustomization.yaml': 'resources: [a.yaml]', 'prod/a.yaml': both('a') };

  test('a tool that is missing is told in three lines, and the rest is judged', async () => {
    const nothing = pathWith({});
    const alone = await check([folderOf(overlay)], { path: nothing });
    expect(alone.exitCode).toBe(2);
    expect(alone.stderr).toMatch(
      /^error RENDERER_MISSING: prod is a kustomization, and neither kustomize nor kubectl is on PATH\n {2}why: .*nothing is downloaded for you\.\n {2}fix: .*kubectl kustomize prod > rendered\.yaml/m,
    );
    const beside = await check([folderOf({ ...overlay, 'plain/b.yaml': both('b'), 'c/Chart.yaml': 'name: c' })], {
      path: nothing,
    });
    expect(beside.exitCode).toBe(3);
    expect(beside.stderr).toContain('helm is not on PATH');
    expect(beside.stdout).toContain('of the repository, plain');
  });

  test('--no-render runs nothing, and says what that leaves out', async () => {
    const path = pathWith({ kustomize: 'echo ran >&2; exit 1' });
    const { exitCode, stderr, stdout } = await check([folderOf({ ...overlay, 'b.yaml': both('b') }), '--no-render'], {
      path,
    });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('prod is not rendered: not judged.');
    expect(stdout).toContain('b ');
    expect((await check([folderOf(overlay), '--no-render'], { path })).stderr).toContain('--no-render says no');
  });

  test('kubectl does it where there is no kustomize', async () => {
    const path = pathWith({ kubectl: `[ "$1" = kustomize ] || exit 1\ncat <<'END'\n${both('a')}\nEND` });
    const run = (await reports([folderOf(overlay)], { path })).get('prod');
    expect(run?.environment?.renderedBy).toBe('kubectl kustomize prod');
  });

  test('one that never ends is stopped', async () => {
    const path = pathWith({ kustomize: 'exec sleep 1000' });
    const { exitCode, stderr } = await check([folderOf(overlay), '--render-timeout', '1'], { path });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('it was not done after 1 seconds');
  });

  test('one that fails is quoted without what a terminal obeys or opens something', async () => {
    const path = pathWith({ kustomize: `printf 'bad \\033[31m password=hunter2 line\\n' >&2; exit 1` });
    const { stderr } = await check([folderOf(overlay)], { path });
    expect(stderr).toContain('error RENDER_FAILED: prod could not be rendered');
    expect(stderr).toContain('bad \\x1b[31m password=…');
    expect(stderr).not.toContain('hunter2');
  });

  test('Ctrl-C stops it', async () => {
    const stop = new AbortController();
    const path = pathWith({ kustomize: 'exec sleep 1000' });
    const ended = check([folderOf(overlay)], { path, signal: stop.signal });
    stop.abort();
    expect((await ended).exitCode).toBe(130);
  });

  test.each([
    ['a base at an address', 'resources: [https://example.com/base?ref=main]'],
    ['a repository', 'resources: [github.com/example/base]'],
    ['a file that is not there', 'resources: [a.yaml, gone.yaml]'],
    ['of a base', 'resources: [../base]'],
    ['a file of a generator', 'configMapGenerator: [{ name: a, files: ["it=https://example.com/it"] }]'],
    ['a patch', 'patches: [{ path: "https://example.com/patch.yaml" }]'],
    ['a repository in a field of another case', 'Resources: [github.com/example/base]'],
    ['a repository in a field that stands twice', 'resources: [a.yaml]\nresources: [github.com/example/base]'],
    [
      'a file of a generator told within',
      'generators:\n- |\n  kind: ConfigMapGenerator\n  files: [https://example.com/it]',
    ],
    ['a file of a generator told by a file', 'generators: [generator.yaml]'],
  ])('nothing is fetched: %s', async (_, kustomization) => {
    const path = pathWith({ kustomize: 'echo ran >&2; exit 1' });
    const base = { 'base/kustomization.yaml': 'bases: [git@example.com:x]' };
    const isOfBase = kustomization.includes('../base');
    const generator = { 'prod/generator.yaml': 'kind: ConfigMapGenerator\nfiles: ["a=https://example.com/it"]' };
    const files = { ...overlay, ...generator, 'prod/kustomization.yaml': kustomization, ...(isOfBase ? base : {}) };
    const { exitCode, stderr } = await check([folderOf(files)], { path });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error RENDERER_NEEDS_NETWORK: prod takes ');
    expect(stderr).not.toContain('ran');
  });

  test('the command that renders it may be pasted, whatever a folder is called', async () => {
    const name = "it's $(touch x); y";
    const files = { [`${name}/kustomization.yaml`]: 'resources: [a.yaml]', [`${name}/a.yaml`]: both('a') };
    const { stderr } = await check([folderOf(files)], { path: pathWith({}) });
    expect(stderr).toContain(`kubectl kustomize 'it'\\''s $(touch x); y' > rendered.yaml`);
  });

  test('a login in an address is not shown', async () => {
    const files = {
      ...overlay,
      'prod/kustomization.yaml': 'resources: ["https://me:hunter2@example.com/x?key=hunter2"]',
    };
    const { stderr } = await check([folderOf(files)], { path: pathWith({ kustomize: 'echo' }) });
    expect(stderr).toContain('error RENDERER_NEEDS_NETWORK');
    expect(stderr).not.toContain('hunter2');
  });

  test('a kustomization that is not YAML is not left to the renderer, and a pipe in its place is not waited for', async () => {
    const broken = { ...overlay, 'prod/kustomization.yaml': 'resources: [a.yaml\n' };
    const { stderr } = await check([folderOf(broken)], { path: pathWith({ kustomize: 'echo ran >&2; exit 1' }) });
    expect(stderr).toContain('error RENDER_FAILED: prod could not be rendered');
    expect(stderr).not.toContain('ran');
    const folder = folderOf({
      ...overlay,
      'prod/kustomization.yaml': 'resources: [../base]',
      'base/a.yaml': both('a'),
    });
    execFileSync('mkfifo', [join(folder, 'base/kustomization.yaml')]);
    const path = pathWith({ kustomize: `cat <<'END'\n${both('a')}\nEND` });
    expect([...(await reports([folder], { path })).keys()]).toContain('prod');
  });

  test('an address that is a value is none that is fetched', async () => {
    const kustomization =
      'resources: [a.yaml]\nconfigMapGenerator: [{ name: a, literals: ["URL=https://example.com"] }]';
    const path = pathWith({ kustomize: `cat <<'END'\n${both('a')}\nEND` });
    const runs = await reports([folderOf({ ...overlay, 'prod/kustomization.yaml': kustomization })], { path });
    expect([...runs.keys()]).toEqual(['prod']);
  });

  test('a chart gets its values and its namespace, and its templates are the files', async () => {
    const folder = folderOf({
      'chart/Chart.yaml': 'name: shop',
      'chart/templates/a.yaml': '{{- if .Values.on }}\nkind: Deployment\n{{- end }}\n---\nkind: Service\n',
      'chart/values.yaml': 'on: true',
      'production.yaml': 'on: true',
    });
    const rendered = both('a', { image: 'shop/a' }).replaceAll('---\n', '---\n# Source: shop/templates/a.yaml\n');
    const path = pathWith({
      helm: `echo "$@" >&2\necho "$@" > "${folder}/asked"\ncat <<'END'\n---\n# Source: shop/templates/a.yaml${rendered}\nEND`,
    });
    const run = (await reports(['.', '-n', 'apps', '--values', 'production.yaml'], { path, cwd: folder })).get('chart');
    expect(run?.environment?.renderedBy).toBe(`helm template chart chart -f ${folder}/production.yaml`);
    expect(run?.environment?.assumes[0]).toBe('Objects that name no namespace go to apps, as --namespace says.');
    const [finding] = cells(run, 'a').find(({ check }) => check === 'deployment-automation')?.findings ?? [];
    expect(finding?.evidence[0]).toMatchObject({
      object: 'Deployment apps/a',
      file: 'chart/templates/a.yaml',
      line: 2,
    });
  });
});

test.each([
  ['--post-renderer=x/日本', 'post-renderer-x'],
  ['日本/中文', 'release'],
  [`charts/${'a'.repeat(52)}-b`, 'a'.repeat(52)],
])('a chart in %s is released by a name that is no option and fits', async (chart, name) => {
  const folder = folderOf({ [`${chart}/Chart.yaml`]: 'name: c' });
  const path = pathWith({ helm: `printf '%s\\n' "$@" >&2; exit 1` });
  const { stderr } = await check([folder], { path });
  expect(stderr).toContain(`helm template ${name} `);
});

test('a place is a file of the repository, named below it: also by a link, and never one outside', async () => {
  const outside = folderOf({ 'base/b.yaml': both('b', { image: 'shop/b' }) });
  const folder = folderOf({
    '.git/HEAD': '',
    'prod/kustomization.yaml': 'resources: [a.yaml]',
    'prod/a.yaml': both('a', { image: 'shop/a' }),
  });
  const from = (yaml: string, file: string) =>
    yaml.replaceAll(
      'metadata: { name: ',
      `metadata: { annotations: { config.kubernetes.io/origin: "path: ${file}" }, name: `,
    );
  const rendered =
    from(both('a', { image: 'shop/a' }), join(folder, 'prod/a.yaml')) +
    from(both('b', { image: 'shop/b' }), join(outside, 'base/b.yaml'));
  const link = join(folderOf({}), 'link');
  symlinkSync(folder, link);
  const run = (await reports([link], { path: pathWith({ kustomize: `cat <<'END'\n${rendered}\nEND` }) })).get('prod');
  const files = (name: string) =>
    new Set(
      cells(run, name).flatMap(({ findings }) => findings.flatMap(({ evidence }) => evidence.map(({ file }) => file))),
    );
  expect(files('a')).toEqual(new Set(['prod/a.yaml']));
  expect(files('b')).toEqual(new Set([undefined]));
});

describe('where it goes that names no namespace', () => {
  const delivery = (path: string, namespace: string, name = 'a') => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name} }
spec: { source: { path: ${path} }, destination: { namespace: ${namespace} } }
---
`;
  const flux = `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: a }
spec: { path: ./prod, targetNamespace: flux-says }
`;
  const files = { 'prod/kustomization.yaml': 'resources: [a.yaml]', 'prod/a.yaml': both('a') };
  const path = () => pathWith({ kustomize: `cat <<'END'\n${both('a')}\nEND` });

  test.each([
    ['Argo CD says it', { 'argo.yaml': delivery('prod', 'argo-says') }, 'argo-says'],
    ['Flux says it', { 'flux.yaml': flux }, 'flux-says'],
    ['it is another folder', { 'argo.yaml': delivery('staging', 'elsewhere') }, 'default'],
    ['two say two things', { 'argo.yaml': delivery('prod', 'one') + delivery('prod', 'two', 'b') }, 'default'],
  ])('%s', async (_, more, namespace) => {
    const run = (await reports([folderOf({ ...files, ...more })], { path: path() })).get('prod');
    expect(cells(run, 'a')[0]?.subject.namespace).toBe(namespace);
  });
});

describe('-o github', () => {
  test('annotates what counts, the gravest first, each once', async () => {
    const folder = folderOf({ 'dev/a.yaml': both('a', { image: 'shop/a' }), 'prod/b.yaml': both('b') });
    const { stdout } = await check([folder, '-o', 'github']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^::error file=dev\/a\.yaml,line=12,title=deployment-automation NO_VERSION::a: container a .* Fix: Pin /,
    );
    expect(lines.filter((line) => line.startsWith('::warning ')).length).toBe(lines.length - 1);
    expect(new Set(lines).size).toBe(lines.length);
  });

  test('hostile names stay text', async () => {
    const folder = folderOf({ 'a,b::c\n%0A.yaml': both('a', { image: '"shop/a\\n::error::x%"' }) });
    const { stdout } = await check([folder, '-o', 'github']);
    expect(stdout.split('\n').filter((line) => line.startsWith('::error::'))).toEqual([]);
    expect(stdout).toContain('file=a%2Cb%3A%3Ac %250A.yaml,');
  });
});

test.each([
  ['beside others', { 'a.yaml': both('a') + both('b') }, 'c.yaml'],
  ['alone in its folder', { 'a.yaml': both('a') + both('b') }, 'other/c.yaml'],
  ['beside several environments', { 'dev/a.yaml': both('a'), 'prod/a.yaml': both('a') }, 'other/c.yaml'],
])('a broken file %s is told, the rest is judged, and the run is incomplete', async (_, files, broken) => {
  const { exitCode, stdout } = await check([folderOf({ ...files, [broken]: 'kind: x\n  - a: [' })]);
  expect(exitCode).toBe(3);
  expect(stdout).toContain('c.yaml:');
});

test('waivers of the repository count', async () => {
  const folder = folderOf({ 'a.yaml': both('a', { image: 'shop/a' }) });
  const waiver = join(folder, 'waivers.yaml');
  writeFileSync(waiver, 'waivers:\n  - { check: deployment-automation, why: a demo }\n');
  expect((await check([folder, '--waivers', waiver])).exitCode).toBe(0);
});

test('a page of several environments is refused before anything is written, and one of one is made', async () => {
  const app = both('a');
  const several = folderOf({ 'dev/a.yaml': app, 'prod/a.yaml': app });
  const refused = await check([several, '-o', `html=${join(several, 'it.html')}`]);
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('error ONE_ENVIRONMENT')]);
  expect(existsSync(join(several, 'it.html'))).toBe(false);
  expect((await check([join(several, 'dev'), '-o', 'html'])).stdout).toContain('<!doctype html>');
});

test('a path with {name} is a file for each environment, in every format and of one too', async () => {
  const app = both('a');
  // Two names that make one of a file.
  const several = folderOf({ 'deploy/prod/a.yaml': app, 'deploy-prod/a.yaml': app, 'dev/a.yaml': app });
  const { exitCode, stderr } = await check([
    several,
    ...['-o', `html=${several}/it-{name}.html`, '-o', `json=${several}/{name}.json`, '--fail-on', 'never'],
  ]);
  expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('error')]);
  const written = readdirSync(several).filter((name) => /\.(html|json)$/.test(name));
  expect(written.sort()).toEqual(
    ['deploy-prod', 'deploy-prod-2', 'dev'].flatMap((name) => [`${name}.json`, `it-${name}.html`]).sort(),
  );
  const names = written.filter((name) => name.endsWith('.json'));
  const reports = names.map((name) => JSON.parse(readFileSync(join(several, name), 'utf8')));
  expect(reports.map(({ schema, environment }: CheckRun) => `${schema} ${environment?.name}`).sort()).toEqual([
    'msvc.check/1 deploy-prod',
    'msvc.check/1 deploy/prod',
    'msvc.check/1 dev',
  ]);
  await check([join(several, 'dev'), '-o', `html=${several}/one-{name}.html`]);
  expect(readdirSync(several).filter((name) => name.startsWith('one-'))).toEqual([
    expect.stringMatching(/^one-[\w.-]+\.html$/),
  ]);
});

test('a practice that nothing in a folder shows has no column, whichever command looks', async () => {
  const folder = folderOf({ 'a.yaml': both('a') });
  for (const args of [
    ['check', folder],
    ['check-cluster', '--from', folder],
  ]) {
    const ports = testPorts({ cwd: folder });
    await runCommandLine('msvc', [...args, '-o', 'json'], ports);
    const document = JSON.parse(ports.stdout.text);
    const run = (document.environments?.[0] ?? document) as CheckRun;
    expect(run.summary.items.map(({ check: id }) => id)).toContain('design-for-failure');
    expect(run.notShown?.map(({ check: id }) => id)).toEqual([
      'idempotency',
      'correlation-ids',
      'contracts',
      'independent-delivery',
    ]);
    for (const { check: id } of run.notShown ?? [])
      expect(run.summary.items.map((item) => item.check)).not.toContain(id);
  }
});
