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
