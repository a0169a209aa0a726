import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { useBuiltPackage } from './support/built-package.ts';

const built = useBuiltPackage();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'msvc-resolve-')));
const made = join(folder, 'made/order-service');
const who = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'a'],
    [`GIT_${role}_EMAIL`, 'a@b.example'],
  ]),
);

const sh = (line: string, cwd: string) => {
  const env = { PATH: built.path, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...who };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd, env, encoding: 'utf8' });
  return { status, stdout, stderr };
};

/** A service with two branches, `one` (checked out) and `two`, each with what its lines did. */
function branches(one: readonly string[], two: readonly string[]) {
  const cwd = join(mkdtempSync(join(folder, 'case-')), 'order-service');
  onTestFinished(() => rmSync(join(cwd, '..'), { recursive: true, force: true }));
  cpSync(made, cwd, { recursive: true });
  const run = (line: string) => sh(line, cwd);
  for (const [branch, lines] of Object.entries({ two, one })) {
    const all = [
      `git checkout -q -b ${branch} main`,
      ...lines,
      'git add --all',
      `git commit -q --allow-empty -m ${branch}`,
    ];
    const { status, stderr } = run(all.join(' && '));
    expect(status, stderr).toBe(0);
  }
  return {
    run,
    read: (path: string) => readFileSync(join(cwd, path), 'utf8'),
    write: (path: string, text: string) => writeFileSync(join(cwd, path), text),
    has: (path: string) => existsSync(join(cwd, path)),
  };
}

const add = (what: string): string => `msvc add-${what} --yes --no-install`;
const resolve = 'msvc resolve --yes --no-install';

beforeAll(() => {
  const { status, stderr } = sh(
    'create-microservice order-service --yes --no-install --directory made/order-service',
    folder,
  );
  expect(status, stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('two branches that each added something', () => {
  const [one, two] = [[add('client payments')], [add('client inventory'), add('event orders.created --publish')]];

  const shared = [
    '.msvc/service.json',
    'package.json',
    '.env.example',
    'deploy/base/network.yaml',
    'contracts/asyncapi.yaml',
  ];
  /** The same files where one branch added everything. */
  let straight: ReadonlyMap<string, string> | undefined;
  const together = (): ReadonlyMap<string, string> => {
    if (straight) return straight;
    const { read } = branches([...one, ...two], []);
    straight = new Map(shared.map((path) => [path, read(path)]));
    return straight;
  };

  test.each([
    ['merge', 'git merge -q two', 'git commit -q -m merged'],
    ['rebase', 'git rebase -q two', 'GIT_EDITOR=true git rebase --continue'],
    ['cherry-pick', 'git cherry-pick two', 'git cherry-pick --continue --no-edit'],
  ])('%s: end as one branch that added all of it', (_, start, end) => {
    const { run, read } = branches(one, two);
    expect(run(start).status).not.toBe(0);
    // Every other command says what to do.
    expect(run('msvc update').stderr).toContain('msvc resolve');
    expect(run(resolve)).toMatchObject({ status: 0, stdout: expect.stringContaining('git add --all') });
    expect(run(`git add --all && ${end}`)).toMatchObject({ status: 0 });
    expect(run('msvc update --check')).toMatchObject({ status: 0 });
    expect(run('git grep -l "^<<<<<<<"').stdout).toBe('');

    const all = together();
    for (const path of shared) expect(read(path), path).toBe(all.get(path));
  });

  test('what people wrote on either side stays', () => {
    const { run, read } = branches(
      [
        ...one,
        'echo "// ours" >> src/clients/payments.ts',
        "sed -i.bak 's/cpu: 50m/cpu: 75m/' deploy/base/deployment.yaml",
      ],
      [
        ...two,
        'echo "// theirs" >> src/clients/inventory.ts',
        "sed -i.bak 's/order-team/sales/' deploy/base/deployment.yaml",
      ],
    );
    run('git merge -q two');
    expect(run(resolve).status).toBe(0);
    expect(read('src/clients/payments.ts')).toContain('// ours');
    expect(read('src/clients/inventory.ts')).toContain('// theirs');
    const deployment = read('deploy/base/deployment.yaml');
    expect(deployment).toContain('msvc.dev/owner: "sales"');
    expect(deployment).toContain('msvc.dev/calls: "inventory,payments"');
  });

  test('a line that two people wrote is left in conflict, and only that', () => {
    const edit = (owner: string): string => `sed -i.bak 's/order-team/${owner}/' deploy/base/deployment.yaml`;
    const { run, read } = branches([...one, edit('us')], [...two, edit('them')]);
    run('git merge -q two');
    const resolved = run('msvc resolve --yes');
    expect(resolved.status).toBe(1);
    // Nothing is installed while somebody has to say what is wanted, and it is not forgotten either.
    expect(resolved.stdout).toMatch(/Next:\n {2}npm install\n {2}npm test\n {2}git add/);
    expect(read('deploy/base/deployment.yaml').match(/^<<<<<<< /gm)).toHaveLength(1);
    expect(read('.msvc/service.json')).not.toContain('<<<<<<<');
    expect(read('deploy/base/network.yaml')).not.toContain('<<<<<<<');
  });

  test('what somebody resolved by hand before stays', () => {
    const { run, read, write } = branches(one, two);
    run('git merge -q two');
    write('deploy/base/network.yaml', '# by hand\n');
    expect(run(resolve)).toMatchObject({ status: 0, stdout: expect.stringMatching(/network\.yaml\s+resolved by you/) });
    expect(read('deploy/base/network.yaml')).toBe('# by hand\n');
  });

  test('a dry run writes nothing', () => {
    const { run } = branches(one, two);
    run('git merge -q two');
    const before = run('git status --porcelain').stdout + run('git diff').stdout;
    expect(run('msvc resolve --dry-run').status).toBe(0);
    expect(run('git status --porcelain').stdout + run('git diff').stdout).toBe(before);
  });
});

test.skipIf(process.platform === 'win32')(
  'first additions of two kinds stop at the record alone, and what the two bring together is made with it',
  () => {
    const { run, has } = branches(
      [add('saga create-order --steps charge-card')],
      [add('event orders.created --publish')],
    );
    expect(run('git merge -q two').status).not.toBe(0);
    expect(run('git diff --name-only --diff-filter=U').stdout).toBe('.msvc/service.json\n');
    expect(has('test/saga-events.test.ts')).toBe(false);
    expect(run(resolve)).toMatchObject({ status: 0 });
    expect(has('test/saga-events.test.ts')).toBe(true);
    expect(run('git add --all && git commit -q -m merged && msvc update --check')).toMatchObject({ status: 0 });
  },
);

describe.skipIf(process.platform === 'win32')('where a service has some of each kind already', () => {
  const had = [add('client zebra'), add('saga zoo-visit --steps buy-ticket@zebra'), add('event zoo.opened --publish')];

  test.each([
    ['a client', 'a saga', add('client payments'), add('saga create-order --steps charge-card')],
    ['a client', 'an event', add('client payments'), add('event orders.created --publish')],
    ['a client', 'a feature', add('client payments'), 'msvc add-feature redis --yes --no-install'],
  ])('%s and %s of two branches meet in no line, and all is as if one branch had added both', (_a, _b, one, two) => {
    const { run } = branches([...had, 'git add --all', 'git commit -q -m had', 'git branch -f main', one], []);
    expect(run(`git checkout -q -B two main && ${two} && git add --all && git commit -q -m two`)).toMatchObject({
      status: 0,
    });
    expect(run('git checkout -q one && git merge -q two -m merged')).toMatchObject({ status: 0 });
    expect(run('msvc update --check')).toMatchObject({ status: 0 });
  });
});

describe.skipIf(process.platform === 'win32')('in a repository that holds more', () => {
  test('the pipeline that the repository keeps for the service is resolved too', () => {
    const shop = mkdtempSync(join(folder, 'shop-'));
    onTestFinished(() => rmSync(shop, { recursive: true, force: true }));
    const run = (line: string, at = 'services/orders') => {
      const done = sh(line, join(shop, at));
      expect(done.status, `${line}: ${done.stderr}`).toBe(0);
      return done;
    };
    run('git init -q -b main && mkdir services && cd services && create-microservice orders --no-install', '.');
    const commit = (name: string): string => `git -C ../.. add --all && git commit -q -m ${name}`;
    run(commit('first'));
    run(`git checkout -q -b two && sed -i.bak 's/ubuntu-latest/ubuntu-24.04/' ../../.github/workflows/orders.yml`);
    run(`rm ../../.github/workflows/*.bak && ${add('client inventory')} && ${commit('two')}`);
    run(
      `git checkout -q -b one main && msvc set package-manager pnpm --yes --no-install && ${add('client payments')} && ${commit('one')}`,
    );
    expect(sh('git merge -q two', join(shop, 'services/orders')).status).not.toBe(0);
    run(resolve);
    const pipeline = readFileSync(join(shop, '.github/workflows/orders.yml'), 'utf8');
    expect(pipeline).toContain('runs-on: ubuntu-24.04');
    expect(pipeline).toContain('pnpm run test');
    expect(pipeline).not.toContain('<<<<<<<');
    run('git -C ../.. add --all && git commit -q -m merged && msvc update --check');
  });
});

describe.skipIf(process.platform === 'win32')('a record that lost something', () => {
  test('nothing is deleted by the way, and a merge that lost it is mended', () => {
    const { run, has, read } = branches([add('client payments')], [add('client inventory')]);
    // Somebody takes one side of the record, and commits.
    run('git merge -q two');
    run('git checkout --ours . && git add --all && git commit -q -m merged');
    expect(read('.msvc/service.json')).not.toContain('inventory');
    for (const command of ['msvc update --yes', add('client stock')])
      expect(run(command)).toMatchObject({ status: 2, stderr: expect.stringContaining('error RECORD_LOST') });
    expect(has('src/clients/inventory.ts')).toBe(true);
    expect(run(resolve).status).toBe(0);
    expect(read('.msvc/service.json')).toContain('inventory');
    expect(run('msvc update --check').status).toBe(0);
  });

  test('what is to go goes when asked', () => {
    const { run, has } = branches([add('client payments')], []);
    run('git checkout main -- .msvc/service.json');
    expect(run('msvc update --yes').stderr).toContain('RECORD_LOST');
    expect(run('msvc update --yes --no-install --drop-lost').status).toBe(0);
    expect(has('src/clients/payments.ts')).toBe(false);
  });
});

test('outside of a merge it says so', () => {
  const { run } = branches([], []);
  expect(run(resolve)).toMatchObject({ status: 2, stderr: expect.stringContaining('error NOT_MERGING') });
});
