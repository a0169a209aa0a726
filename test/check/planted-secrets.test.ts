import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formats } from '../../src/check/report/formats.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import { connect } from '../../src/check/sources/cluster/kubeconfig.ts';
import { readManifests } from '../../src/check/sources/manifests/manifests.ts';
import { readRecording, writeRecording } from '../../src/check/sources/recording/recording.ts';
import { redact } from '../../src/check/sources/recording/redact.ts';
import { projection } from '../../src/check/sources/resources/projection.ts';
import { type Resource, resources } from '../../src/check/sources/resources/resources.ts';
import type { KubeObject } from '../../src/check/sources/snapshot.ts';
import { withoutSecrets } from '../../src/harmless.ts';
import { snapshotOf } from './support/fixture.ts';

const secret = 'hunter2Zq9';
const login = `https://it:${secret}@store.example.org/it?token=${secret}`;
const script = `[ "$(redis-cli -a ${secret} ping)" = PONG ] # ${secret}`;
const headers = [{ name: 'Authorization', value: `Bearer ${secret}` }];
const probe = (handler: object) => ({ periodSeconds: 5, ...handler });

/** What custom resources hold below fields that everybody shapes as they like. */
const anything = {
  password: secret,
  apiKey: secret,
  clientSecret: { value: secret },
  url: login,
  headers,
  httpHeaders: headers,
  env: [
    { name: 'DB_PASSWORD', value: secret },
    { name: 'PLAIN', value: secret },
  ],
  args: [`--password=${secret}`, secret],
  command: ['run', '-a', secret],
  config: { 'a.yaml': `password: ${secret}\n`, deep: [{ of: secret }] },
  values: { database: { password: secret, other: secret } },
  plugin: { demo: { key: secret, other: secret } },
  httpGet: { path: `/health?token=${secret}`, httpHeaders: headers },
  exec: { command: ['sh', '-c', script] },
  message: `no connection to ${login}`,
};

/** Fields that name things, number them or say how they are: nobody keeps a secret there, and reports must show them. */
const harmless = new Set(
  (
    'name image restartPolicy mountPath subPath secretName medium hostNetwork serviceAccountName terminationGracePeriodSeconds ' +
    'type status reason lastTransitionTime observedGeneration nodeName phase podIP startTime ready started restartCount replicas ' +
    'serviceName minReadySeconds paused updatedReplicas readyReplicas availableReplicas desiredNumberScheduled currentNumberScheduled ' +
    'numberReady suspend schedule unschedulable providerID kubeletVersion operatingSystem addressType kind namespace value group version ' +
    'disruptionsAllowed currentHealthy desiredHealthy expectedPods currentReplicas desiredReplicas state secretStore disabled ' +
    'startedAt exitCode revision lastAppliedRevision lastAttemptedRevision lastHandledReconcileAt syncStatus latestReadyRevisionName volumeName accessModes'
  ).split(' '),
);

/** What stands at a path that is kept whole; a path that is not here holds what custom resources hold. */
const planted: Readonly<Record<string, unknown>> = {
  command: ['run', `--token=${secret}`, '-p', secret, 'sh', '-c', script],
  args: [`--password=${secret}`, secret, login],
  env: [
    { name: 'DATABASE_PASSWORD', value: secret },
    { name: 'GREETING', value: secret },
    { name: 'DATABASE_URL', value: `postgres://it:${secret}@store:5432/it?sslcert=${secret}` },
    { name: 'OTEL_EXPORTER_OTLP_HEADERS', value: `x-api-key=${secret}` },
    { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: `http://it:${secret}@collector:4317/?key=${secret}` },
    { name: 'JAVA_OPTS', value: `-Dspring.zipkin.enabled=false -Ddb.password=${secret}` },
    { name: 'DSN', value: `Server=store;Database=it;User Id=it;Password=${secret}` },
  ],
  readinessProbe: probe({ exec: { command: ['sh', '-c', script] } }),
  livenessProbe: probe({ httpGet: { path: `/live?token=${secret}`, port: 8080, httpHeaders: headers } }),
  startupProbe: probe({ exec: { command: ['env', `REDISCLI_AUTH=${secret}`, 'redis-cli', '-a', secret, 'ping'] } }),
  lifecycle: {
    postStart: { exec: { command: ['sh', '-c', script] } },
    preStop: { httpGet: { path: `/stop?token=${secret}`, port: 8080, httpHeaders: headers } },
  },
  annotations: {
    'example.test/note': `the password is ${secret}`,
    'dapr.io/env': `PASSWORD=${secret},OTHER=${secret}`,
    'nginx.ingress.kubernetes.io/configuration-snippet': `proxy_set_header Authorization "Basic ${secret}";`,
    'nginx.ingress.kubernetes.io/auth-url': login,
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ password: secret }),
  },
  data: {
    password: secret,
    'it.properties': `db.password=${secret}\nurl=jdbc:postgresql://it:${secret}@store:5432/it?password=${secret}\nother=${secret}\n`,
    'it.yaml': `spring:\n  datasource:\n    url: ${login}\n    password: ${secret}\n    other: ${secret}\n`,
    'it.json': JSON.stringify({ headers: { authorization: `Bearer ${secret}` }, list: [secret] }),
    'fluent-bit.conf': `[OUTPUT]\n  Name es\n  Host store\n  HTTP_Passwd ${secret}\n  # ${secret}\n`,
  },
  message: `no connection to ${login}, password=${secret}`,
  labels: { app: 'it' },
  ports: [{ name: 'http', port: 80, containerPort: 8080 }],
  selector: { app: 'it', matchLabels: { app: 'it' } },
  metadata: {},
  addresses: ['10.0.0.1'],
  conditions: { ready: true },
  taints: [],
  tolerations: [],
  topologySpreadConstraints: [],
  nodeSelector: {},
  resources: {},
  envFrom: [{ configMapRef: { name: 'it' } }, { secretRef: { name: 'it' } }],
  configMap: { name: 'it' },
  persistentVolumeClaim: { claimName: 'it' },
  hostPath: { path: '/var/log' },
  strategy: {},
  updateStrategy: {},
  loadBalancer: {},
};

const lists = new Set([
  'containers',
  'initContainers',
  'volumes',
  'volumeMounts',
  'conditions',
  'endpoints',
  'sources',
  'containerStatuses',
]);

/** An object of a kind with a secret wherever the table of what is kept has room for one. */
function objectOf({ group, versions, kind, keep, reach }: Resource): KubeObject {
  const object: Record<string, unknown> = {
    apiVersion: group === '' ? versions[0] : `${group}/${versions[0]}`,
    kind,
    metadata: {
      name: 'it',
      ...(reach === 'cluster' ? {} : { namespace: 'shop' }),
      labels: { app: 'it' },
      annotations: planted.annotations,
    },
  };
  for (const path of keep) plant(object, path.split('.'));
  return object as unknown as KubeObject;
}

function plant(into: Record<string, unknown>, [name = '', ...rest]: string[]): void {
  if (rest.length === 0) {
    into[name] ??= name in planted ? planted[name] : harmless.has(name) ? 'it' : anything;
    return;
  }
  if (lists.has(name)) {
    into[name] ??= [{}];
    plant((into[name] as Record<string, unknown>[])[0] ?? {}, rest);
  } else {
    into[name] = typeof into[name] === 'object' ? into[name] : {};
    plant(into[name] as Record<string, unknown>, rest);
  }
}

const objects = resources.map((resource) => {
  const object = projection(resource.keep)(objectOf(resource), {
    apiVersion: resource.group === '' ? resource.versions[0] : `${resource.group}/${resource.versions[0]}`,
    kind: resource.kind,
  });
  if (!object) throw new Error(`nothing is kept of ${resource.part}`);
  if (resource.part === 'services') object.spec = { selector: { app: 'it' }, ports: [{ port: 80 }] };
  return object;
});
const snapshot = snapshotOf(objects, { raw: true });
const run = runChecks(snapshot, { startedAt: '2026-01-01T00:00:00.000Z', today: '2026-01-01' });

/** Where it stands, so that a failure says which field leaks. */
const around = (text: string): string[] =>
  [...text.matchAll(new RegExp(secret, 'g'))].map(({ index }) => text.slice(Math.max(0, index - 120), index + 20));

test('secrets were planted, and the services that hold them are judged', () => {
  expect(around(JSON.stringify(objects)).length).toBeGreaterThan(500);
  expect(run.results.filter(({ subject }) => subject.kind !== 'Cluster').length).toBeGreaterThan(0);
});

test.each(Object.entries(formats))('no secret is in the report %s', async (_, render) => {
  expect(around([...(await render(run, { columns: 120, color: false, failOn: 'fail' }))].join(''))).toEqual([]);
});

test.each(resources.map((resource, index) => [resource.part, index] as const))(
  'no secret of %s is in a recording',
  (part, index) => {
    const kept = redact({ ...snapshot, objects: new Map([[part, objects.slice(index, index + 1)]]) });
    expect(around(JSON.stringify([...kept.objects.values()]))).toEqual([]);
  },
);

describe('no secret is in an error', () => {
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), 'msvc-secrets-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  };
  const said = async (work: () => Promise<unknown>): Promise<string> => {
    const error = await work().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const { message, why, fix } = error as { message: string; why: string; fix: string };
    expect(why).toBeTypeOf('string');
    return `${message} ${why} ${fix}`;
  };

  test.each([
    ['an alias of nothing', `kind: Secret\npassword: *${secret}\n`],
    ['a quote that is not closed', `kind: Secret\npassword: "${secret}\n`],
    ['an escape of nothing', `kind: Secret\npassword: "\\q${secret}"\n`],
    ['a tag of nothing', `kind: Secret\npassword: !<${secret}\n`],
    ['a text that begins as no text does', `kind: Secret\npassword: @${secret}\n`],
    ['JSON that ends early', `{"kind": "Secret", "password": "${secret}", `],
    ['two values', `kind: Secret\npassword: [${secret}] ${secret}\n`],
    ['a brace too many', `kind: Secret\npassword: {a: ${secret}}}\n`],
  ])('of a manifest with %s', async (_, text) => {
    const path = folder();
    writeFileSync(join(path, 'it.yaml'), text);
    expect(await said(() => readManifests(path))).not.toContain(secret);
  });

  test('of a recording', async () => {
    const path = join(folder(), 'recording');
    await writeRecording(snapshot, path);
    writeFileSync(join(path, 'services.ndjson'), `{"password": ${secret}}\n`);
    expect(await said(() => readRecording(path))).not.toContain(secret);
    writeFileSync(join(path, 'recording.json'), secret);
    expect(await said(() => readRecording(path))).not.toContain(secret);
  });

  test.each([
    ['a brace that is not closed', `{ token: ${secret}`],
    ['a tag of nothing', `{ token: !${secret} x }`],
    ['an alias of nothing', `{ token: *${secret} }`],
    ['a text where a map should be', secret],
    ['a server that is none', `{ token: ${secret} }\nclusters: [{ name: a, cluster: { server: "${secret}" } }]`],
  ])('of a kubeconfig with %s', async (_, user) => {
    const path = join(folder(), 'config');
    const context = 'contexts: [{ name: a, context: { cluster: a, user: a } }]\ncurrent-context: a\n';
    writeFileSync(path, `apiVersion: v1\nkind: Config\n${context}users:\n- name: a\n  user: ${user}\n`);
    expect(await said(() => connect({ kubeconfig: path }, { env: {}, cwd: '/' }))).not.toContain(secret);
  });

  test.each([
    `connect ECONNREFUSED ${login}`,
    `refused: Authorization: Bearer ${secret}`,
    `{"password":"${secret}"}`,
    `token=${secret}`,
    `see https://example.org/login?session=${secret} for more`,
  ])('that somebody else wrote: %s', (text) => {
    expect(withoutSecrets(text)).not.toContain(secret);
  });
});
