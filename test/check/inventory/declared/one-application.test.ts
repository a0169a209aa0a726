import { expect, test } from 'vitest';
import serviceBoundaries from '../../../../src/check/checks/service-boundaries.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

interface Process {
  image?: string;
  command?: string;
  /** Of the object's metadata, as flow YAML. */
  labels?: string;
  annotations?: string;
}

const database = 'env: [{ name: DATABASE_URL, value: "postgres://app@db:5432/shop" }]';
const server = workload('db', '{ name: db, image: "postgres:17.5", ports: [{ containerPort: 5432 }] }');
/** One database of a web server and a worker. */
const two = (web: Process, worker: Process = {}) =>
  (
    [
      ['it', web],
      ['other', { ...web, command: web.command ?? 'work', ...worker }],
    ] as const
  )
    .map(([name, { image = 'acme/forum:1', command, labels = '', annotations = '' }]) => {
      const container = `{ name: ${name}, image: "${image}", ${database}${command ? `, command: [${command}]` : ''} }`;
      const metadata = `, labels: { team: forum, ${labels} }, annotations: { ${annotations} }`;
      return workload(name, container, { metadata }) + serviceOf(name);
    })
    .join('') +
  server +
  serviceOf('db', 5432);

const one = 'pass OWN_WORKLOAD_AND_CONTEXT';
const several = 'fail SHARED_DATABASE';
const oldChart = (chart: string, release: string) => `heritage: Helm, chart: ${chart}, release: ${release}`;

test.each<[string, Process, Process | undefined, string]>([
  ['a part-of', { labels: 'app.kubernetes.io/part-of: forum' }, undefined, one],
  ['an instance', { labels: 'app.kubernetes.io/instance: forum' }, undefined, one],
  ['a release of Helm', { annotations: 'meta.helm.sh/release-name: forum' }, undefined, one],
  ['a release of Flux', { labels: 'helm.toolkit.fluxcd.io/name: forum' }, undefined, one],
  ['an instance of Argo CD', { labels: 'argocd.argoproj.io/instance: forum' }, undefined, one],
  ['a chart', { labels: 'helm.sh/chart: forum-1.0.0' }, undefined, one],
  ['a release of an old chart', { labels: oldChart('forum-1.0.0', 'forum') }, undefined, one],
  [
    'a part-of, and instances of their own',
    { labels: 'app.kubernetes.io/part-of: forum, app.kubernetes.io/instance: web' },
    { labels: 'app.kubernetes.io/part-of: forum, app.kubernetes.io/instance: worker' },
    one,
  ],
  [
    'a chart, released twice',
    { labels: 'helm.sh/chart: forum-1, app.kubernetes.io/instance: a' },
    { labels: 'helm.sh/chart: forum-1, app.kubernetes.io/instance: b' },
    several,
  ],
  ['a track that is called release', { labels: 'release: stable' }, undefined, several],
  ['nothing but an owner', {}, undefined, several],
  ['an instance, and one command', { labels: 'app.kubernetes.io/instance: forum', command: 'serve' }, {}, several],
  ['an instance, of two images', { labels: 'app.kubernetes.io/instance: forum' }, { image: 'acme/wiki:1' }, several],
  ['an instance, of one runtime', { labels: 'app.kubernetes.io/instance: forum', image: 'node:22' }, {}, several],
  [
    'an instance, of a bare runtime',
    { labels: 'app.kubernetes.io/instance: forum', image: 'gcr.io/distroless/nodejs22-debian12:latest' },
    {},
    several,
  ],
  [
    'an instance, of an image that is filled in later',
    { labels: 'app.kubernetes.io/instance: forum', image: 'acme/%NAME%:1' },
    {},
    several,
  ],
])('a web server and a worker on one database, with %s', (_, web, worker, verdict) =>
  expect(verdictOf(two(web, worker), serviceBoundaries)).toBe(verdict),
);

const forum = 'app.kubernetes.io/instance: forum';
/** A web server and a worker that are given the same by their pods, held together by labels or not. */
const given = (labels: string, container: string, podSpec: string) =>
  ['it', 'other']
    .map(
      (name) =>
        workload(name, `{ name: ${name}, image: "acme/forum:1", command: [${name}], ${container} }`, {
          metadata: `, labels: { team: ${name}, ${labels} }`,
          podSpec,
        }) + serviceOf(name),
    )
    .join('');
const secret = 'envFrom: [{ secretRef: { name: settings } }]';
const volume = 'volumeMounts: [{ name: v, mountPath: /v }]';
const claim = ', volumes: [{ name: v, persistentVolumeClaim: { claimName: files } }]';
const claimed =
  'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: files }\nspec: { accessModes: [ReadWriteMany] }\n---\n';

test.each([
  ['a Secret of one application', given(forum, secret, ''), one],
  ['a Secret of two', given('', secret, ''), 'unknown STORE_HIDDEN'],
  ['a volume of one application', given(forum, volume, claim) + claimed, one],
  ['a volume of two', given('', volume, claim) + claimed, 'warn SHARED_VOLUME'],
])('%s', (_, yaml, verdict) => expect(verdictOf(yaml, serviceBoundaries)).toBe(verdict));

test('a context and a domain of one name are two', () =>
  expect(
    verdictOf(two({ labels: 'domain: forum' }, { labels: 'system: forum', image: 'acme/b:1' }), serviceBoundaries),
  ).toBe(several));

test('an Application that nobody read may say where it belongs', () => {
  const both = ['it', 'other'].map(
    (name) =>
      workload(name, `{ name: ${name}, image: "acme/${name}:1" }`, { metadata: `, labels: { ${forum} }` }) +
      serviceOf(name),
  );
  const forbidden = 'reads: { applications.argoproj.io: forbidden }\n---\n';
  expect(verdictOf(both.join(''), serviceBoundaries)).toBe('warn NOT_DECLARED');
  expect(verdictOf(forbidden + both.join(''), serviceBoundaries)).toBe('unknown NOT_READ');
});
