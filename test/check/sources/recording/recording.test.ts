import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFrom } from '../../../../src/check/sources/from.ts';
import { readRecording, writeRecording } from '../../../../src/check/sources/recording/recording.ts';
import { redact } from '../../../../src/check/sources/recording/redact.ts';
import { projectionVersion } from '../../../../src/check/sources/resources/resources.ts';
import type { KubeObject, Snapshot } from '../../../../src/check/sources/snapshot.ts';

const object = (kind: string, name: string, rest: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
  kind,
  metadata: { name, namespace: 'shop', ...metadata },
  ...rest,
});
const service = (name: string, port: number) => object('Service', name, { spec: { ports: [{ port }] } });
const deployment = (container: object) =>
  object('Deployment', 'orders', { spec: { template: { spec: { containers: [{ name: 'app', ...container }] } } } });

const snapshot = (parts: Record<string, KubeObject[]>): Snapshot => ({
  source: { kind: 'cluster', context: 'prod', version: 'v1.36.3' },
  projection: projectionVersion,
  scope: ['shop'],
  reads: [
    ...Object.entries(parts).map(([resource, list]) => ({
      resource,
      namespace: 'shop',
      outcome: 'ok' as const,
      count: list.length,
    })),
    { resource: 'nodes', outcome: 'forbidden', count: 0, detail: 'User "alice@example.test" cannot list nodes' },
  ],
  objects: new Map(Object.entries(parts)),
});

const services = [service('redis', 6379), service('payments', 8080), service('db', 5432)];
const environment = (env: Record<string, string>) =>
  snapshot({
    services,
    'deployments.apps': [deployment({ env: Object.entries(env).map(([name, value]) => ({ name, value })) })],
  });

/** The variables after redaction. */
function redacted(env: Record<string, string>): Record<string, string> {
  const [first] = redact(environment(env)).objects.get('deployments.apps') ?? [];
  const variables: { name: string; value: string }[] = JSON.parse(JSON.stringify(first)).spec.template.spec
    .containers[0].env;
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}

const mark = expect.stringMatching(/^redacted_[0-9a-f]{12}$/);

describe('redaction', () => {
  it.each([
    ['CACHE', 'redis:6379'],
    ['CACHE_HOST', 'redis'],
    ['CACHE_HOST', 'redis.shop.svc.cluster.local'],
    ['CACHE_PORT', '6379'],
    ['BROKERS', 'kafka-0.kafka:9092,kafka-1.kafka:9092'],
    ['URL', 'http://payments:8080'],
    ['URL', 'http://$(PAYMENTS_HOST):$(PAYMENTS_PORT)'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector.observability:4317'],
    ['ES_HOST', 'elasticsearch'],
    ['ES_PORT', '9200'],
    ['ZIPKIN', 'zipkin.tracing.svc.cluster.local'],
    ['OTEL_TRACES_SAMPLER', 'parentbased_traceidratio'],
    ['OTEL_TRACES_SAMPLER_ARG', '0.25'],
    ['OTEL_SERVICE_NAME', 'orders'],
    ['TRACING_ENABLED', '0'],
    ['NODE_OPTIONS', '--require @opentelemetry/auto-instrumentations-node/register'],
  ])('keeps %s=%s', (name, value) => {
    expect(redacted({ [name]: value })).toEqual({ [name]: value });
  });

  it.each([
    ['PASSWORD', 'hunter2'],
    ['GREETING', 'hello'],
    ['API_TOKEN', 'true'],
    ['PIN', '31337'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization=Bearer'],
  ])('replaces %s=%s', (name, value) => {
    expect(redacted({ [name]: value })).toEqual({ [name]: mark });
  });

  it('keeps of an address where it leads, and that two are equal', () => {
    const values = redacted({
      A: 'postgres://app:hunter2@db:5432/orders?sslmode=disable',
      B: 'postgres://app:hunter2@db:5432/orders',
      C: 'postgres://app:hunter2@db:5432/invoices',
    });
    expect(values.A).toMatch(/^postgres:\/\/redacted_[0-9a-f]{12}@db:5432\/redacted_[0-9a-f]{12}$/);
    expect(values.B).toBe(values.A);
    expect(values.C).not.toBe(values.A);
  });

  it('keeps the host of a connection string, and that its database is the one named elsewhere', () => {
    const { A, DB_NAME } = redacted({
      A: 'Host=db;Port=5432;Database=shop;Username=it;Password=hunter2',
      DB_NAME: 'shop',
    });
    expect(A).toMatch(/^Host=db;Port=5432;Database=redacted_\w+;Username=redacted_\w+;Password=redacted_\w+$/);
    expect(A).toContain(`Database=${DB_NAME};`);
  });

  it('keeps a switch inside a longer value', () => {
    const { JAVA_OPTS } = redacted({ JAVA_OPTS: '-Xmx64m -Dspring.zipkin.enabled=false -Ddb.password=hunter2' });
    expect(JAVA_OPTS).toMatch(/^redacted_\w+ -Dspring\.zipkin\.enabled=false -Ddb\.password=redacted_\w+$/);
  });

  it('gives equal values other marks in another recording', () => {
    expect(redacted({ A: 'hunter2' }).A).not.toBe(redacted({ A: 'hunter2' }).A);
  });

  it('keeps probes and the pipelines of a collector, not what it logs in with', () => {
    const collector = [
      'exporters:',
      '  otlp/tempo: { endpoint: "tempo.observability:4317", headers: { authorization: "Bearer hunter2" } }',
      '  debug: {}',
      'service:',
      '  pipelines:',
      '    traces: { receivers: [otlp], exporters: [otlp/tempo, debug] }',
    ].join('\n');
    const probe = { exec: { command: ['cat', '/tmp/healthy'] }, periodSeconds: 5 };
    const kept = redact(
      snapshot({
        configmaps: [object('ConfigMap', 'collector', { data: { 'config.yaml': collector } })],
        'deployments.apps': [deployment({ readinessProbe: probe, command: ['node', '--password', 'hunter2'] })],
      }),
    );
    const [{ data }] = JSON.parse(JSON.stringify(kept.objects.get('configmaps')));
    expect(data['config.yaml']).toContain('endpoint: tempo.observability:4317');
    expect(data['config.yaml']).toContain('- otlp/tempo\n');
    const text = JSON.stringify([...kept.objects.values()]);
    expect(text).toMatch(/"command":\["cat","\/tmp\/redacted_\w+"\]/);
    expect(text).not.toContain('hunter2');
  });

  it('keeps the sections and destinations of a log agent', () => {
    const agent = '[OUTPUT]\n    Name  es\n    Match *\n    Host  elasticsearch\n    HTTP_Passwd hunter2\n';
    const parts = {
      services: [service('elasticsearch', 9200)],
      configmaps: [object('ConfigMap', 'agent', { data: { 'fluent-bit.conf': agent } })],
    };
    const [kept] = redact(snapshot(parts)).objects.get('configmaps') ?? [];
    const text = JSON.parse(JSON.stringify(kept)).data['fluent-bit.conf'];
    expect(text).toMatch(/^\[OUTPUT\]\n {4}Name {2}es\n {4}Match \*\n {4}Host {2}elasticsearch\n/);
    expect(text).not.toContain('hunter2');
  });

  it('keeps what annotations of known controllers say, and nothing of others', () => {
    const annotations = {
      'linkerd.io/inject': 'enabled',
      'msvc.dev/context': 'sales',
      'example.test/note': 'call bob',
    };
    const parts = {
      'deployments.apps': [
        object('Deployment', 'orders', { spec: { template: { metadata: { annotations } } } }, { annotations }),
      ],
    };
    const [kept] = redact(snapshot(parts)).objects.get('deployments.apps') ?? [];
    const words = expect.stringMatching(/^redacted_\w+ redacted_\w+$/);
    expect(kept?.metadata.annotations).toEqual({ ...annotations, 'example.test/note': words });
    expect(kept?.spec).toEqual({
      template: { metadata: { annotations: { ...annotations, 'example.test/note': words } } },
    });
  });

  it('lets no value through that is neither an address nor a switch', () => {
    const secret = fc.stringMatching(/^[A-Za-z][A-Za-z0-9!#%^&*+~-]{15,40}$/);
    fc.assert(
      fc.property(
        secret,
        fc.constantFrom('value', 'args', 'file', 'json', 'ini', 'user', 'query', 'values'),
        (text, place) => {
          const places: Record<string, KubeObject> = {
            value: deployment({ env: [{ name: 'SETTING', value: text }] }),
            args: deployment({ args: ['serve', `--key=${text}`, text] }),
            file: object('ConfigMap', 'c', { data: { 'a.yaml': `one:\n  two: "${text}"\nthree: x\n` } }),
            json: object('ConfigMap', 'c', { data: { 'a.json': JSON.stringify({ deep: [{ of: text }] }) } }),
            ini: object('ConfigMap', 'c', { data: { 'a.conf': `[main]\nsetting = ${text}\nother ${text}\n` } }),
            user: deployment({ env: [{ name: 'URL', value: `amqp://${encodeURIComponent(text)}:x@redis:6379/` }] }),
            query: deployment({ env: [{ name: 'URL', value: `http://redis:6379/${encodeURIComponent(text)}?k=1` }] }),
            values: {
              ...object('HelmRelease', 'h', { spec: { values: { a: { b: text } } } }),
              apiVersion: 'helm.toolkit.fluxcd.io/v2',
            },
          };
          const chosen = places[place] as KubeObject;
          const kept = redact(snapshot({ services, other: [chosen] })).objects.get('other');
          expect(JSON.stringify(kept)).not.toContain(
            place === 'user' || place === 'query' ? encodeURIComponent(text) : text,
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a recording', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'msvc-recording-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('comes back with the same ledger, scope and objects', async () => {
    const before = environment({ CACHE: 'redis:6379' });
    await writeRecording(before, folder);
    const after = await readFrom(folder);
    expect(after.source).toEqual({ kind: 'recording', context: 'prod', version: 'v1.36.3' });
    expect(after.scope).toEqual(['shop']);
    expect(after.objects.get('deployments.apps')).toEqual(before.objects.get('deployments.apps'));
    expect(after.reads.slice(0, 2)).toEqual(before.reads.slice(0, 2));
    expect(after.reads.find(({ resource }) => resource === 'nodes')?.detail).toBe('the user cannot list nodes');
  });

  it('is not written into a folder that holds something', async () => {
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await expect(writeRecording(environment({}), folder)).rejects.toMatchObject({ code: 'RECORDING_FOLDER_NOT_EMPTY' });
    expect(await readdir(folder)).toEqual(['notes.txt']);
  });

  it('names the file and line that is broken', async () => {
    await writeRecording(environment({}), folder);
    const file = join(folder, 'services.ndjson');
    await writeFile(file, `${(await readFile(file, 'utf8')).split('\n')[0]}\n{"broken":\n`);
    await expect(readRecording(folder)).rejects.toMatchObject({
      code: 'BROKEN_RECORDING',
      message: expect.stringContaining('services.ndjson:2'),
    });
  });

  it.each([
    ['a file of it is missing', (file: string) => rm(file)],
    ['a file of it lacks its last lines', (file: string) => writeFile(file, '')],
  ])('is refused where %s', async (_, damage) => {
    const whole = environment({});
    const services = whole.objects.get('services')?.length ?? 0;
    const reads = whole.reads.map((read) => (read.resource === 'services' ? { ...read, count: services } : read));
    await writeRecording({ ...whole, reads }, folder);
    await readRecording(folder);
    await damage(join(folder, 'services.ndjson'));
    await expect(readRecording(folder)).rejects.toMatchObject({
      code: 'BROKEN_RECORDING',
      why: `It holds 0 objects, and recording.json tells of ${services}.`,
    });
  });

  it('of a newer version is refused', async () => {
    await writeRecording({ ...environment({}), projection: projectionVersion + 1 }, folder);
    await expect(readRecording(folder)).rejects.toMatchObject({ code: 'NEWER_RECORDING' });
  });

  it('of an older version proves nothing absent that it did not keep', async () => {
    await writeRecording({ ...environment({}), projection: 0 }, folder);
    const { reads } = await readRecording(folder);
    expect(reads.filter(({ outcome }) => outcome === 'ok')).toEqual([]);
    expect(reads.find(({ resource }) => resource === 'services')).toMatchObject({ outcome: 'partial' });
  });
});
