import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { applyPlan } from '../../src/generate/files/apply-plan.ts';
import { readProject } from '../../src/generate/files/read-project.ts';
import { readTemplates } from '../../src/generate/files/read-templates.ts';
import { conflictsOf, isEmptyPlan } from '../../src/generate/plan/plan.ts';
import { planChange } from '../../src/generate/plan/plan-change.ts';
import { scratchFolder } from './support/scratch.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const templates = await readTemplates(join(root, 'templates'));

/** The record and part of the files of a service with events and a saga, as made when NATS and DBOS were no features. */
const older = join(root, 'test/generate/projects/before-nats');

/** That service on disk: every file as it was rendered, and then as a person edited some. */
async function olderService(edits: Readonly<Record<string, (text: string) => string>> = {}): Promise<string> {
  const service = await scratchFolder();
  await cp(older, service, { recursive: true });
  const base = join(service, '.msvc/base');
  const entries = await readdir(base, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(base.length + 1, -'.base'.length);
    const edit = edits[path] ?? ((text: string) => text);
    await mkdir(dirname(join(service, path)), { recursive: true });
    await writeFile(join(service, path), edit(await readFile(file, 'utf8')));
  }
  return service;
}

async function update(service: string) {
  const project = await readProject(service, templates.version);
  const plan = await planChange(project, project.record, templates);
  const paths = (kind: string) => plan.changes.flatMap((change) => (change.kind === kind ? [change.path] : []));
  const told = plan.changes.flatMap((change) =>
    change.kind === 'keep' && !change.quiet ? [`${change.path}: ${change.reason}`] : [],
  );
  if (conflictsOf(plan).length === 0) await applyPlan(plan, project);
  return { plan, paths, told };
}

const gone = [
  'src/platform/events/forget-old.ts',
  'src/platform/sagas/in-turn.ts',
  'src/platform/sagas/workflows.ts',
  'src/plugins/mute-connections.ts',
];
const renamed = ['src/platform/dbos/workflows.ts', 'src/platform/events/retention.ts', 'src/plugins/connections.ts'];

test('a service from before takes the features that its own now need, without a conflict', async () => {
  const service = await olderService();
  const { plan, paths, told } = await update(service);
  expect(Object.keys(plan.record.features)).toEqual([
    'clients',
    'dbos',
    'events',
    'nats',
    'postgres',
    'sagas',
    'servers',
  ]);
  expect(conflictsOf(plan)).toEqual([]);
  expect(told).toEqual([]);
  expect(paths('delete')).toEqual(gone);
  expect(paths('create')).toEqual(expect.arrayContaining(renamed));
  const project = await readProject(service, templates.version);
  expect(isEmptyPlan(await planChange(project, project.record, templates))).toBe(true);
});

test('what a person wrote into a file that has another name now stays, and they are told', async () => {
  const mine = (text: string) => `// mine\n${text}`;
  const kept = Object.fromEntries(
    [...gone, 'src/platform/events/dead-letter.ts', 'src/plugins/nats.ts'].map((path) => [path, mine]),
  );
  const service = await olderService({ ...kept, '.env.example': (text) => `${text}\n# Mine.\nMINE=1\n` });
  const { plan, paths, told } = await update(service);
  expect(conflictsOf(plan)).toEqual([]);
  expect(told).toEqual(gone.map((path) => `${path}: no longer generated, but edited by you`));
  expect(paths('delete')).toEqual([]);
  expect(paths('create')).toEqual(expect.arrayContaining(renamed));
  for (const path of Object.keys(kept))
    expect(await readFile(join(service, path), 'utf8'), path).toContain('// mine\n');
  expect(await readFile(join(service, '.env.example'), 'utf8')).toContain('MINE=1\n');
});

test('what a person wrote into files that others contribute to stays, though what is contributed stands elsewhere now', async () => {
  const replaced = (from: string, to: string) => (text: string) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };
  const service = await olderService({
    '.env.example': (text) => replaced('# NATS_URL=nats://127.0.0.1:4222', 'NATS_URL=nats://nats:4222')(text),
    'deploy/base/settings.yaml': (text) => `${replaced('nats://nats.nats', 'nats://broker')(text)}  MINE: "1"\n`,
    'deploy/base/network.yaml': (text) =>
      `${replaced('port: 5432', 'port: 6432')(text)}    # Mail.\n    - ports:\n        - { protocol: TCP, port: 587 }\n`,
    'package.json': (text) =>
      replaced(
        '"src/routes",',
        '"src/routes",\n      "src/jobs",',
      )(replaced('"format": "', '"seed": "node seed.ts",\n    "format": "')(text)),
  });
  const { plan } = await update(service);
  expect(conflictsOf(plan)).toEqual([]);
  const read = (path: string) => readFile(join(service, path), 'utf8');
  expect(await read('.env.example')).toMatch(/^NATS_URL=nats:\/\/nats:4222$/m);
  expect(await read('deploy/base/settings.yaml')).toMatch(
    /^ {2}NATS_URL: nats:\/\/broker:4222$[\s\S]*^ {2}MINE: "1"$/m,
  );
  const network = await read('deploy/base/network.yaml');
  for (const port of [4222, 6432, 587]) expect(network).toContain(`port: ${port} }`);
  expect(network).not.toContain('5432');
  const { scripts, bundle } = JSON.parse(await read('package.json'));
  expect(scripts).toMatchObject({ seed: 'node seed.ts', migrate: expect.any(String), outbox: expect.any(String) });
  expect(bundle.found).toEqual(expect.arrayContaining(['src/jobs', 'src/clients', 'src/projections']));
});
