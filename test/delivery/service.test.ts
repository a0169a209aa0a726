import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { build, one, withoutKubectl } from './support/kustomize.ts';
import { inFolder, platformFiles, serviceFiles } from './support/render-service.ts';

const deliveries = ['argocd', 'flux', 'push'] as const;
const workflowPath = '.github/workflows/service.yml';

const textOf = (files: ReadonlyMap<string, string>, path: string): string => {
  const text = files.get(path);
  if (text === undefined) throw new Error(`there is no ${path}`);
  return text;
};

describe.each(deliveries)('delivery by %s', (delivery) => {
  test.each(['npm', 'pnpm'] as const)(
    'the pipeline pins every action by commit and gives no job more than it needs (%s)',
    async (packageManager) => {
      const files = await serviceFiles('order-service', { features: { delivery: { delivery } }, packageManager });
      const text = textOf(files, workflowPath);
      const uses = text.split('\n').filter((line) => /\buses:/.test(line));
      expect(uses.length).toBeGreaterThan(5);
      for (const line of uses) expect(line).toMatch(/uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);

      const { permissions, jobs } = parse(text);
      expect(permissions).toEqual({ contents: 'read' });
      expect(jobs.test.permissions).toBeUndefined();
      expect(jobs.image.permissions).toEqual({
        contents: 'read',
        packages: 'write',
        'id-token': 'write',
        attestations: 'write',
      });
      for (const environment of ['staging', 'production']) {
        expect(jobs[environment].permissions).toEqual(
          delivery === 'push' ? { contents: 'read' } : { contents: 'write', 'pull-requests': 'write' },
        );
        expect(jobs[environment].environment).toBe(environment);
        expect(jobs[environment].concurrency).toEqual({ group: `deploy-${environment}` });
      }
      expect([jobs.image.needs, jobs.staging.needs, jobs.production.needs]).toEqual([
        'test',
        'image',
        ['image', 'staging'],
      ]);
      expect(jobs.test.steps.map(({ run }: { run?: string }) => run)).toContain(`${packageManager} run test:faults`);
      // What was built is looked through before it is signed.
      const [build, scan, sign] = jobs.image.steps.slice(-3);
      expect([build.uses, scan.uses, sign.uses].map((action) => action.split('@')[0])).toEqual([
        'docker/build-push-action',
        'anchore/scan-action',
        'actions/attest-build-provenance',
      ]);
      expect(scan.with.image).toBe(`${sign.with['subject-name']}@${sign.with['subject-digest']}`);
      for (const job of Object.values<{ 'timeout-minutes'?: number }>(jobs))
        expect(job['timeout-minutes']).toBeGreaterThan(0);

      // Whatever a branch or a title holds must not become part of a command.
      const commands = Object.values<{ steps: { run?: string }[] }>(jobs).flatMap(({ steps }) =>
        steps.map(({ run = '' }) => run),
      );
      for (const command of commands) expect(command).not.toMatch(/\$\{\{\s*github\.(event|head_ref)/);
    },
  );

  test('there is something to apply once, for each environment', async () => {
    const files = await serviceFiles('order-service', { features: { delivery: { delivery } } });
    for (const environment of ['staging', 'production']) {
      const kinds = parseAllDocuments(textOf(files, `deploy/delivery/${environment}.yaml`)).map(
        (document) => document.toJS().kind,
      );
      expect(kinds).toEqual(
        {
          argocd: ['Application'],
          flux: ['GitRepository', 'Kustomization'],
          push: ['ServiceAccount', 'Role', 'RoleBinding'],
        }[delivery],
      );
    }
  });
});

describe.skipIf(withoutKubectl)('manifests', () => {
  test('the grace period holds the preStop hook and the whole shutdown', async () => {
    const files = await serviceFiles('order-service');
    const objects = build(`${await inFolder(files)}/deploy/overlays/production`);
    const { spec } = one(objects, 'Deployment').spec.template;
    const [container] = spec.containers;
    const delayMs = Number(one(objects, 'ConfigMap').data.SHUTDOWN_DELAY_MS);
    const shutdownMs = Number(
      /SHUTDOWN_TIMEOUT_MS'.*?default: ([\d_]+)/s.exec(textOf(files, 'src/settings/service.ts'))?.[1]?.replace('_', ''),
    );
    expect(shutdownMs).toBeGreaterThan(0);
    // Only while it waits it asks those who have a connection to close it.
    expect(delayMs).toBeGreaterThanOrEqual(1_000);
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(
      container.lifecycle.preStop.sleep.seconds + (delayMs + shutdownMs) / 1000,
    );
  });

  test('with the component of the migrations a Job applies them and the pods wait, by the same image and settings', async () => {
    const files = new Map(await serviceFiles('order-service', { features: { postgres: {}, servers: {} } }));
    const overlay = 'deploy/overlays/production/kustomization.yaml';
    const chosen = textOf(files, overlay).replace(
      '# components:\n#   - ../../exposed',
      'components:\n  - ../../migration-job',
    );
    const before = build(`${await inFolder(files)}/deploy/overlays/production`);
    const after = build(`${await inFolder(files.set(overlay, chosen))}/deploy/overlays/production`);
    expect(before.map(({ kind }) => kind)).not.toContain('Job');

    const [job, deployment, service] = [one(after, 'Job'), one(after, 'Deployment'), one(after, 'Service')];
    const { containers, initContainers } = deployment.spec.template.spec;
    const [migrate] = job.spec.template.spec.containers;
    expect(migrate.command).toEqual(['node', 'dist/migrate-command.js']);
    expect(initContainers.map(({ command }: { command: string[] }) => command)).toEqual([
      [...migrate.command, '--wait'],
    ]);
    for (const container of [...containers, ...initContainers]) {
      expect(container.image).toBe(migrate.image);
      expect(container.envFrom).toEqual(migrate.envFrom);
    }
    expect(one(after, 'ConfigMap').data.DATABASE_MIGRATE).toBe('job');

    // Requests must not go to the Job, and it must reach the database where everything else is refused.
    const labels = job.spec.template.metadata.labels;
    expect(labels.app).not.toBe(service.spec.selector.app);
    const rules = after.filter(
      ({ kind, spec }) => kind === 'NetworkPolicy' && spec.podSelector.matchLabels.app === labels.app,
    );
    expect(
      rules.flatMap(({ spec }) =>
        spec.egress.flatMap(({ ports }: { ports: { port: number }[] }) => ports.map(({ port }) => port)),
      ),
    ).toContain(5432);

    // Argo CD: what the Job needs, the Job, the Deployment.
    const wave = ({ metadata }: { metadata: { annotations?: Record<string, string> } }) =>
      Number(metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0);
    for (const kind of ['ServiceAccount', 'ConfigMap']) expect(wave(one(after, kind))).toBeLessThan(wave(job));
    expect(wave(job)).toBeLessThan(wave(deployment));
  });

  test('a changed setting makes new pods', async () => {
    const files = new Map(await serviceFiles('order-service'));
    const referenced = async () => {
      const objects = build(`${await inFolder(files)}/deploy/overlays/production`);
      const { name } = one(objects, 'Deployment').spec.template.spec.containers[0].envFrom[0].configMapRef;
      expect(one(objects, 'ConfigMap').metadata.name).toBe(name);
      return name;
    };
    const before = await referenced();
    const path = 'deploy/overlays/production/kustomization.yaml';
    files.set(path, textOf(files, path).replace('literals:\n', 'literals:\n      - LOG_LEVEL=debug\n'));
    expect(await referenced()).not.toBe(before);
  });

  test('every selector is of this service alone, also where rules name others', async () => {
    const folder = await inFolder(
      await serviceFiles('order-service', { features: { auth: {}, redis: {} }, calls: ['payments'] }),
    );
    const objects = build(`${folder}/deploy/overlays/staging`);
    const own = { matchLabels: { app: 'order-service' } };
    expect(one(objects, 'Deployment').spec.selector).toEqual(own);
    expect(one(objects, 'Service').spec.selector).toEqual(own.matchLabels);
    expect(one(objects, 'PodDisruptionBudget').spec.selector).toEqual(own);
    const { spec } = one(objects, 'NetworkPolicy');
    expect(spec.podSelector).toEqual(own);
    expect(spec.egress).toContainEqual({ to: [{ podSelector: { matchLabels: { app: 'payments' } } }] });
    for (const port of [443, 6379]) expect(spec.egress).toContainEqual({ ports: [{ protocol: 'TCP', port }] });
  });

  test('the platform builds, and its collectors send somewhere that is there', async () => {
    const objects = build(await inFolder(await platformFiles()));
    const services = objects
      .filter(({ kind }) => kind === 'Service')
      .map(({ metadata }) => `${metadata.name}.${metadata.namespace}`);
    const configs = objects.filter(({ kind }) => kind === 'ConfigMap').map(({ data }) => parse(data['config.yaml']));
    expect(configs.flatMap(({ service }) => Object.keys(service.pipelines)).sort()).toEqual(['logs', 'traces']);
    for (const { exporters, receivers, processors, extensions, service } of configs) {
      for (const { endpoint } of Object.values<{ endpoint: string }>(exporters))
        expect(services).toContain(new URL(endpoint).hostname);
      const [pipeline] = Object.values<Record<string, string[]>>(service.pipelines);
      expect(Object.keys({ ...receivers, ...processors, ...exporters }).sort()).toEqual(
        Object.values(pipeline ?? {})
          .flat()
          .sort(),
      );
      expect(Object.keys(extensions)).toEqual(service.extensions);
    }
  });
});
