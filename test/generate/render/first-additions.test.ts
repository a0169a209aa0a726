import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readTemplates } from '../../../src/generate/files/read-templates.ts';
import { withFeature, withInstance } from '../../../src/generate/inputs/change-record.ts';
import { joinRecords } from '../../../src/generate/inputs/join-records.ts';
import { newRecord } from '../../../src/generate/inputs/new-record.ts';
import { bookkeeping } from '../../../src/generate/plan/bookkeeping.ts';
import { planResolve } from '../../../src/generate/plan/plan-resolve.ts';
import { basePath, recordPath, type ServiceRecord } from '../../../src/generate/record.ts';
import { renderTree } from '../../../src/generate/render/render-tree.ts';
import { scratchFolder } from '../support/scratch.ts';

const templates = await readTemplates(join(import.meta.dirname, '../../../templates'));
const manifests = templates.features.map(({ manifest }) => manifest);

type Change = (record: ServiceRecord) => ServiceRecord;
const feature =
  (id: string): Change =>
  (record) =>
    withFeature(record, id, {}, manifests);
const instance =
  (id: string, kind: string, one: Parameters<typeof withInstance>[2]): Change =>
  (record) =>
    withInstance(withFeature(record, id, {}, manifests), kind, one, manifests);

/** What a branch may add, one of each kind. A client and a saga that calls somebody both add to what the service calls. */
const additions: Readonly<Record<string, Change>> = {
  aggregate: instance('aggregates', 'aggregates', { name: 'cart' }),
  auth: feature('auth'),
  client: instance('clients', 'clients', { name: 'payments' }),
  discovery: feature('discovery'),
  event: instance('events', 'events', { name: 'orders.created', direction: 'publish' }),
  gateway: instance('gateway', 'upstreams', { name: 'search' }),
  postgres: feature('postgres'),
  redis: feature('redis'),
  rpc: feature('rpc'),
  saga: instance('sagas', 'sagas', { name: 'checkout', steps: ['reserve-stock@inventory'] }),
};

const dependencies = ['package.json'];
const calls = ['.env.example', 'deploy/base/deployment.yaml', 'deploy/base/network.yaml'];
const carrier = 'src/platform/http-client/open-carrier.ts';
/** What still meets, and why: every other pair of additions meets in no line. */
const meeting: Readonly<Record<string, readonly string[]>> = {
  // npm sorts dependencies: nothing stands between jose and pg that both branches have.
  'aggregate auth': dependencies,
  'aggregate gateway': dependencies,
  'aggregate redis': dependencies,
  'auth event': dependencies,
  'auth postgres': dependencies,
  'auth redis': dependencies,
  'auth saga': dependencies,
  'event gateway': dependencies,
  'event redis': dependencies,
  'event rpc': dependencies,
  'gateway postgres': dependencies,
  'gateway redis': dependencies,
  'postgres redis': dependencies,
  'redis saga': dependencies,
  'rpc saga': dependencies,
  // Both say whom the service calls.
  'client gateway': [...calls, 'package.json'],
  'client saga': calls,
  'gateway saga': [...calls, 'package.json'],
  // Both bring clients, one of them those that look for replicas.
  'client discovery': [carrier],
  'discovery gateway': ['package.json', carrier],
  'discovery saga': [carrier],
  // Both bring auth, one of them with the log-ins of a gateway.
  'auth gateway': ['package.json', 'scripts/auth/log-ins.ts'],
  'discovery rpc': ['deploy/base/kustomization.yaml'],
  // Both have paths before the next one of the contract.
  'aggregate saga': ['contracts/openapi.json'],
};

const wanted = { name: 'order-service', packageManager: 'npm', features: { delivery: {}, example: {} } } as const;
const fresh = newRecord(wanted, templates.version, manifests);
const names = Object.keys(additions);
const pairs = names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other] as const));
const added = (...all: readonly string[]): ServiceRecord =>
  all.reduce((record, name) => additions[name]?.(record) ?? record, fresh);

/** A branch as git has it: every file, and as what it was last rendered. */
async function branchOf(record: ServiceRecord): Promise<ReadonlyMap<string, string>> {
  const rendered = await renderTree(record, templates);
  return new Map(
    [...rendered].flatMap(([path, { content }]) => [
      [path, content],
      [basePath(path), content],
    ]),
  );
}

test('whatever of them meets, msvc resolve ends it as if one branch had added both', async () => {
  const base = await branchOf(fresh);
  const branches = new Map<string, ReadonlyMap<string, string>>();
  for (const name of names) branches.set(name, await branchOf(added(name)));
  for (const [one, other] of pairs) {
    const [ours, theirs] = [branches.get(one) ?? base, branches.get(other) ?? base];
    const sides = { ours, theirs, base, unmerged: new Set<string>() };
    const read = async (paths: Iterable<string>) =>
      new Map(
        [...paths].flatMap((path) => {
          const content = ours.get(path);
          return content === undefined ? [] : [[path, { content, mode: 0o644 }] as const];
        }),
      );
    const joined = joinRecords({ base: fresh, ours: added(one), theirs: added(other) });
    const project = { root: '/', recordText: '', base: ours, read };
    const { changes } = await planResolve(project, joined, templates, sides);
    const left = new Map([...ours].filter(([path]) => !path.startsWith('.msvc/')));
    for (const change of changes) {
      if (change.kind === 'conflict' || change.kind === 'delete') left.delete(change.path);
      else if (change.kind !== 'keep') left.set(change.path, change.content);
    }
    const both = [...(await renderTree(added(one, other), templates))];
    expect([...left].sort(), `${one} ${other}`).toEqual(both.map(([path, { content }]) => [path, content]).sort());
  }
});

// Older ones merge in a work tree alone.
const canMerge = spawnSync('git', ['merge-tree', '--write-tree', '-h'], { encoding: 'utf8' }).stdout.includes(
  '--write-tree',
);

test.skipIf(!canMerge)('of the first additions of two branches, git merges all that it can know', async () => {
  const cwd = await scratchFolder();
  const at = { cwd, env: { PATH: process.env.PATH, HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' }, encoding: 'utf8' } as const;
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b.example'];
  const git = (...args: string[]): string => execFileSync('git', [...who, ...args], at);
  const commit = async (branch: string, record: ServiceRecord): Promise<void> => {
    const rendered = await renderTree(record, templates);
    const kept = bookkeeping({ recordText: undefined, base: new Map() }, record, rendered);
    const files = [...rendered].map(([path, { content }]) => ({ path, content }));
    for (const { path, content } of [...files, ...kept.flatMap((one) => ('content' in one ? [one] : []))]) {
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), content);
    }
    git('add', '--all', '--force');
    git('commit', '-q', '--allow-empty', '-m', branch);
  };

  git('init', '-q', '-b', 'main');
  await commit('main', fresh);
  for (const name of names) {
    git('checkout', '-q', '-b', name, 'main');
    await commit(name, added(name));
  }
  const met: Record<string, readonly string[]> = {};
  for (const [one, other] of pairs) {
    const { stdout } = spawnSync('git', [...who, 'merge-tree', '--write-tree', '--name-only', one, other], at);
    const [tree, ...paths] = stdout.split('\n\n')[0]?.trim().split('\n') ?? [];
    // So that somebody makes what the two bring together.
    expect(paths, `${one} ${other}`).toContain(recordPath);
    const files = paths.filter((path) => path !== recordPath && !path.startsWith('.msvc/base/'));
    if (files.length > 0) met[`${one} ${other}`] = files;
    // What is no conflict is as if one branch had added both.
    const both = await renderTree(added(one, other), templates);
    for (const path of ['package.json', 'deploy/base/network.yaml', 'deploy/base/settings.yaml'])
      if (!files.includes(path))
        expect(git('show', `${tree}:${path}`), `${one} ${other}`).toBe(both.get(path)?.content);
  }
  expect(met).toEqual(meeting);
});
