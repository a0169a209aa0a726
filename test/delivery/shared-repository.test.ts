import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { SharedRepository } from '../../src/generate/record.ts';
import { serviceFiles } from './support/render-service.ts';

type Job = {
  defaults?: { run: { 'working-directory': string } };
  concurrency?: { group: string };
  env?: Record<string, string>;
  steps: { uses?: string; run?: string; 'working-directory'?: string; with?: Record<string, string> }[];
};

/** Everything in a repository that has this service, by its path there. */
async function repositoryWith(name: string, place: SharedRepository, packageManager: 'npm' | 'pnpm' = 'npm') {
  const features = { delivery: { delivery: 'argocd' } };
  const rendered = await serviceFiles(name, { repository: place, packageManager, features });
  const lock = posix.join(
    place.workspace ?? place.folder,
    { npm: 'package-lock.json', pnpm: 'pnpm-lock.yaml' }[packageManager],
  );
  const files = new Map([...rendered].map(([path, text]) => [posix.join(place.folder, path), text]));
  files.set(lock, '').set(posix.join(place.workspace ?? place.folder, 'package.json'), '{}');
  const workflow = parse(files.get(`.github/workflows/${name}.yml`) ?? '');
  const jobs: Record<string, Job> = workflow.jobs;
  const step = (action: string) =>
    Object.values(jobs).flatMap(({ steps }) => steps.filter(({ uses }) => uses?.startsWith(action)))[0]?.with ?? {};
  const has = (path: string): boolean =>
    [...files.keys()].some((file) => file === posix.normalize(path) || file.startsWith(`${posix.normalize(path)}/`));
  return { files, workflow, jobs, step, has, lock };
}

const places: [string, SharedRepository, 'npm' | 'pnpm'][] = [
  ['a folder', { folder: 'services/orders' }, 'npm'],
  ['a folder', { folder: 'orders' }, 'pnpm'],
  ['an npm workspace', { folder: 'services/orders', workspace: '.' }, 'npm'],
  ['a pnpm workspace', { folder: 'services/orders', workspace: '.' }, 'pnpm'],
  ['a workspace in a folder', { folder: 'backend/services/orders', workspace: 'backend' }, 'npm'],
];

describe.each(places)('a service in %s: %j (%s)', (_, place, packageManager) => {
  test('has its pipeline where GitHub reads it, and nothing else of .github', async () => {
    const { files } = await repositoryWith('orders', place, packageManager);
    expect([...files.keys()].filter((path) => path.includes('.github/'))).toEqual(['.github/workflows/orders.yml']);
  });

  test('has a pipeline that runs for its changes and no others', async () => {
    const { workflow, lock, has } = await repositoryWith('orders', place, packageManager);
    const { paths } = workflow.on.push;
    expect(workflow.on.pull_request.paths).toEqual(paths);
    expect(paths).toContain(`${place.folder}/**`);
    expect(paths).toContain('.github/workflows/orders.yml');
    if (place.workspace !== undefined) expect(paths).toContain(lock);
    for (const path of paths)
      if (path !== posix.join(place.workspace ?? '', 'pnpm-workspace.yaml'))
        expect(has(path.replace(/\/\*\*$/, '')), path).toBe(true);
  });

  test('has a pipeline whose every path is there', async () => {
    const { files, jobs, step, has, lock } = await repositoryWith('orders', place, packageManager);
    for (const job of [jobs.test, jobs.image]) expect(job?.defaults?.run['working-directory']).toBe(place.folder);
    expect(step('actions/setup-node')['cache-dependency-path']).toBe(lock);
    if (packageManager === 'pnpm') expect(has(step('pnpm/action-setup').package_json_file ?? '')).toBe(true);

    const { context = '', file = posix.join(context, 'Dockerfile') } = step('docker/build-push-action');
    expect(has(file), file).toBe(true);
    // What the image copies from the context, and what its list lets through, is there.
    const copied = [...(files.get(file) ?? '').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, paths]) => paths?.split(' ') ?? [],
    );
    expect(copied.length).toBeGreaterThan(1);
    for (const path of copied)
      if (!path.endsWith('pnpm-workspace.yaml')) expect(has(posix.join(context, path)), path).toBe(true);
    const ignore = files.get(`${file}.dockerignore`) ?? files.get(posix.join(context, '.dockerignore')) ?? '';
    const sent = ignore
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const path of copied.filter((one) => one !== '.')) {
      expect(
        sent.some((one) => one === path || one.startsWith(`${path}/`)),
        path,
      ).toBe(true);
    }

    for (const environment of ['staging', 'production']) {
      // The steps of the deployment begin at the repository; the script goes to its service by itself.
      expect(jobs[environment]?.defaults).toBeUndefined();
      const [, script = ''] = /^bash (\S+) \w+$/.exec(jobs[environment]?.steps.find(({ run }) => run)?.run ?? '') ?? [];
      expect(has(script), script).toBe(true);
      expect(has(posix.join(script, '../../..', 'deploy/overlays', environment))).toBe(true);
      const [application] = parseAllDocuments(files.get(`${place.folder}/deploy/delivery/${environment}.yaml`) ?? '');
      expect(has(application?.toJS().spec.source.path)).toBe(true);
    }
  });
});

test.each(['npm', 'pnpm'] as const)(
  'a member of a workspace says nothing that only its root may say (%s)',
  async (packageManager) => {
    const wanted = { features: { events: {}, nats: {}, postgres: {}, servers: {} }, packageManager };
    const settings = async (repository?: SharedRepository): Promise<string[]> => {
      const files = await serviceFiles('orders', { ...wanted, ...(repository && { repository }) });
      const fields = Object.keys(JSON.parse(files.get('package.json') ?? ''));
      return fields.filter((field) => ['overrides', 'allowScripts', 'pnpm'].includes(field));
    };
    expect(await settings({ folder: 'services/orders', workspace: '.' })).toEqual([]);
    const own = packageManager === 'npm' ? ['overrides', 'allowScripts'] : ['pnpm'];
    expect(await settings({ folder: 'services/orders' })).toEqual(own);
    expect(await settings()).toEqual(own);
  },
);

test('three services in one repository are in nobody’s way', async () => {
  const all = await Promise.all(
    ['orders', 'payments', 'inventory'].map((name) =>
      repositoryWith(name, { folder: `services/${name}`, workspace: '.' }),
    ),
  );
  const own = all.map(({ files }) => [...files.keys()].filter((path) => !/^package(-lock)?\.json$/.test(path)));
  expect(new Set(own.flat()).size).toBe(own.flat().length);
  for (const of of [
    ({ workflow }: (typeof all)[number]) => workflow.name,
    // One that waits in a group is given up for the next.
    ({ jobs }: (typeof all)[number]) => jobs.staging?.concurrency?.group,
    ({ jobs }: (typeof all)[number]) => jobs.production?.concurrency?.group,
    ({ step }: (typeof all)[number]) => step('docker/build-push-action')['cache-to'],
  ])
    expect(new Set(all.map(of)).size).toBe(3);
});
