import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../../src/generate/files/apply-plan.ts';
import { checkTarget, createProject } from '../../../src/generate/files/create-project.ts';
import { readProject } from '../../../src/generate/files/read-project.ts';
import { conflictsOf, isEmptyPlan } from '../../../src/generate/plan/plan.ts';
import { planChange } from '../../../src/generate/plan/plan-change.ts';
import { planNew } from '../../../src/generate/plan/plan-new.ts';
import { recordOf } from '../support/records.ts';
import { after, before, newPlan, updatePlan } from '../support/scenario.ts';
import { scratchFolder, snapshot } from '../support/scratch.ts';
import { templateSet } from '../support/sources.ts';
import { userError } from '../support/user-error.ts';

async function service(): Promise<string> {
  const root = join(await scratchFolder(), 'order-service');
  await createProject(await newPlan(), root);
  return root;
}

/** The rights that a new file has on this machine, where the templates give it these. */
const rights = (mode: number): string => (mode & ~process.umask()).toString(8);

describe('a new service of a larger repository', () => {
  const templates = templateSet({ '.github/workflows/service.yml': 'on: push\n', 'a.txt': 'a\n' });
  const plan = () => planNew(recordOf({ repository: { folder: 'services/orders' } }), templates);
  const pipeline = '.github/workflows/order-service.yml';
  const repository = async (): Promise<string> => {
    const dir = await scratchFolder();
    await mkdir(join(dir, '.git'));
    return dir;
  };

  test('has its pipeline there, and reads and changes it from its own folder', async () => {
    const dir = await repository();
    const root = join(dir, 'services/orders');
    await createProject(await plan(), root);
    expect(await readFile(join(dir, pipeline), 'utf8')).toBe('on: push\n');
    const project = await readProject(root, templates.version);
    expect([...project.base.keys()]).toEqual([`../../${pipeline}`, 'a.txt']);
    expect(isEmptyPlan(await planChange(project, project.record, templates))).toBe(true);
    const newer = templateSet({ '.github/workflows/service.yml': 'on: pull_request\n', 'a.txt': 'a\n' });
    const change = await planChange(project, project.record, newer);
    expect(await applyPlan(change, project)).toBe(true);
    expect(await readFile(join(dir, pipeline), 'utf8')).toBe('on: pull_request\n');
  });

  test('takes over what a run that was killed left there, and nothing else', async () => {
    const dir = await repository();
    await mkdir(join(dir, '.github/workflows'), { recursive: true });
    await writeFile(join(dir, pipeline), 'on: push\n');
    await createProject(await plan(), join(dir, 'services/orders'));
    await rm(join(dir, 'services'), { recursive: true });
    await writeFile(join(dir, pipeline), 'mine\n');
    const error = await userError(async () => createProject(await plan(), join(dir, 'services/orders')));
    expect(error.code).toBe('TARGET_NOT_EMPTY');
    expect(await readFile(join(dir, pipeline), 'utf8')).toBe('mine\n');
    expect(await readdir(dir)).not.toContain('services');
  });

  test('of two that are made at once, one has all of it and the other is told', async () => {
    const dir = await repository();
    const root = join(dir, 'services/orders');
    const other = await plan();
    const seen: string[] = [];
    const error = await userError(async () =>
      createProject(await plan(), root, {
        onStep(step) {
          if (step !== 'move into place') return;
          seen.push(step);
          cpSync(join(dir, 'services', readdirSync(join(dir, 'services'))[0] as string), root, { recursive: true });
        },
      }),
    );
    expect(seen).toHaveLength(1);
    expect(error).toMatchObject({ code: 'TARGET_NOT_EMPTY', message: expect.stringContaining(root) });
    expect(await readdir(join(dir, 'services'))).toEqual(['orders']);
    expect(await readFile(join(dir, pipeline), 'utf8')).toBe('on: push\n');
    const project = await readProject(root, templates.version);
    expect(isEmptyPlan(await planChange(project, other.record, templates))).toBe(true);
  });

  test('whose pipeline another run writes in the same moment leaves that run its own', async () => {
    const dir = await repository();
    const error = await userError(async () =>
      createProject(await plan(), join(dir, 'services/orders'), {
        onStep(step) {
          if (!step.startsWith('write /')) return;
          mkdirSync(join(dir, '.github/workflows'), { recursive: true });
          writeFileSync(join(dir, pipeline), 'of the other\n');
        },
      }),
    );
    expect(error.code).toBe('TARGET_NOT_EMPTY');
    expect(await readFile(join(dir, pipeline), 'utf8')).toBe('of the other\n');
    expect(await readdir(dir)).not.toContain('services');
  });

  test.each([
    ['LINK_LEADS_OUT', 'a link that leads elsewhere', (dir: string) => symlink('../elsewhere', join(dir, '.github'))],
    ['LINK_LEADS_OUT', 'a link that leads nowhere', (dir: string) => symlink('nowhere', join(dir, '.github'))],
    ['NOT_WRITABLE', 'a file', (dir: string) => writeFile(join(dir, '.github'), 'x')],
    ['NOT_WRITABLE', 'a folder', (dir: string) => mkdir(join(dir, pipeline), { recursive: true })],
  ])('is refused with %s where on the way to its pipeline is %s', async (code, _, putThere) => {
    const outer = await scratchFolder();
    const dir = join(outer, 'repository');
    await mkdir(join(dir, '.git'), { recursive: true });
    await mkdir(join(outer, 'elsewhere/workflows'), { recursive: true });
    await putThere(dir);
    const error = await userError(async () => createProject(await plan(), join(dir, 'services/orders')));
    expect(error).toMatchObject({ code, message: expect.stringContaining('.github') });
    expect(await readdir(join(outer, 'elsewhere/workflows'))).toEqual([]);
    expect(await readdir(dir)).not.toContain('services');
  });

  test('that fails leaves nothing there', async () => {
    const dir = await repository();
    const onStep = (step: string): void => {
      if (step === 'move into place') throw new Error('no');
    };
    const creating = createProject(await plan(), join(dir, 'services/orders'), { onStep });
    await expect(creating).rejects.toThrow('no');
    expect(await readdir(dir)).toEqual(['.git']);
  });

  test('a record that says more than is true reaches no file above the repository', async () => {
    const dir = await scratchFolder();
    await mkdir(join(dir, 'repository/.git'), { recursive: true });
    const root = join(dir, 'repository/orders');
    const own = await planNew(recordOf({ repository: { folder: 'orders' } }), templates);
    await createProject(own, root);
    const project = await readProject(root, templates.version);
    const lying = await planChange(project, recordOf({ repository: { folder: 'a/b' } }), templates).catch((e) => e);
    expect(lying).toMatchObject({ code: 'NOT_A_REPOSITORY' });
    for (const path of ['../x.yml', '../../../etc/passwd', '../.github/workflows/../../x.yml', '../.github/a.yml'])
      expect((await userError(() => project.read([path]))).code, path).toBe('LINK_LEADS_OUT');
  });
});

describe('a new service', () => {
  test('is on disk as planned, with its record and base', async () => {
    const root = await service();
    const files = await snapshot(root);
    expect(files['src/app.ts']).toBe(`${rights(0o666)} one\ntwo\nthree\nfour\nfive\n`);
    expect(files['.msvc/base/src/app.ts.base']).toBe(files['src/app.ts']);
    const project = await readProject(join(root, 'src/old'), before.version);
    expect(project.root).toBe(root);
    expect(project.record).toEqual(recordOf());
    expect(isEmptyPlan(await planChange(project, project.record, before))).toBe(true);
  });

  test('makes the folders above it, and takes an empty folder as its own', async () => {
    const dir = await scratchFolder();
    await createProject(await newPlan(), join(dir, 'a/b/c'));
    await mkdir(join(dir, 'empty'));
    await createProject(await newPlan(), join(dir, 'empty'));
    expect(await snapshot(join(dir, 'empty'))).toEqual(await snapshot(join(dir, 'a/b/c')));
  });

  test('fills the working directory without replacing it', async () => {
    const dir = await scratchFolder();
    const target = join(dir, 'here');
    await mkdir(target);
    await createProject(await newPlan(), target, { cwd: target });
    await createProject(await newPlan(), join(dir, 'there'));
    expect(await snapshot(target)).toEqual(await snapshot(join(dir, 'there')));
  });

  test('does not go where something is, and names it', async () => {
    const dir = await scratchFolder();
    await writeFile(join(dir, 'notes\x1b[2J.txt'), 'mine');
    const error = await userError(async () => createProject(await newPlan(), dir));
    expect(error.code).toBe('TARGET_NOT_EMPTY');
    expect(error.why).toContain('notes\\x1b[2J.txt');
    expect((await userError(() => checkTarget(join(dir, 'notes\x1b[2J.txt')))).code).toBe('TARGET_NOT_EMPTY');
    expect(await readdir(dir)).toHaveLength(1);
  });

  test('that is aborted leaves nothing, not even the folders above it', async () => {
    const dir = await scratchFolder();
    const plan = await newPlan();
    for (const stopAt of [0, 1, 5]) {
      const abort = new AbortController();
      let steps = 0;
      const onStep = (): void => {
        if (steps === stopAt) abort.abort(new Error('stopped'));
        steps += 1;
      };
      const creating = createProject(plan, join(dir, 'a/b'), { signal: abort.signal, onStep });
      await expect(creating).rejects.toThrow('stopped');
      expect(await readdir(dir)).toEqual([]);
    }
  });

  test('keeps executable files executable', async () => {
    const templates = templateSet({ 'run.sh': '#!/bin/sh\n' });
    const [file] = templates.base;
    const plan = await planNew(recordOf(), { ...templates, base: file ? [{ ...file, mode: 0o755 }] : [] });
    const root = join(await scratchFolder(), 'x');
    await createProject(plan, root);
    expect((await snapshot(root))['run.sh']).toBe(`${rights(0o755)} #!/bin/sh\n`);
  });
});

describe('what is no service', () => {
  test('is told', async () => {
    const dir = await scratchFolder();
    expect((await userError(() => readProject(dir, '1.0.0'))).code).toBe('NOT_A_SERVICE');
  });

  test('a broken record names its line', async () => {
    const root = await service();
    await writeFile(join(root, '.msvc/service.json'), '{\n  "schema": "msvc.service/1",\n  nonsense\n}\n');
    expect((await userError(() => readProject(root, '1.0.0'))).message).toContain('.msvc/service.json:3 ');
  });

  test('a record of a newer version is left alone', async () => {
    const root = await service();
    expect((await userError(() => readProject(root, '0.9.0'))).code).toBe('RECORD_NEWER');
  });
});

describe('an apply', () => {
  test('keeps the rights that a file has and the line endings that a person uses', async () => {
    const root = await service();
    await chmod(join(root, 'src/app.ts'), 0o750);
    await writeFile(join(root, 'src/app.ts'), 'mine\r\none\r\ntwo\r\nthree\r\nfour\r\nfive\r\n');
    const { plan, project } = await updatePlan(root);
    expect(await applyPlan(plan, project)).toBe(true);
    expect((await snapshot(root))['src/app.ts']).toBe('750 mine\r\none\r\ntwo\r\nthree\r\nfour\r\nFIVE\r\n');
    expect(await readFile(join(root, 'src/new/folder/come.ts'), 'utf8')).toBe('come\n');
    expect(await readdir(join(root, 'src'))).not.toContain('old');
    const again = await readProject(root, after.version);
    expect(again.record.features).toEqual({ postgres: {} });
    expect(isEmptyPlan(await planChange(again, again.record, after))).toBe(true);
  });

  test('with conflicts writes nothing unless asked, then markers', async () => {
    const root = await service();
    await writeFile(join(root, 'src/app.ts'), 'one\ntwo\nthree\nfour\nmine\n');
    const old = await snapshot(root);
    const { plan, project } = await updatePlan(root);
    expect(conflictsOf(plan).map(({ path }) => path)).toEqual(['src/app.ts']);
    expect(await applyPlan(plan, project)).toBe(false);
    expect(await snapshot(root)).toEqual(old);
    expect(await applyPlan(plan, project, { writeConflicts: true })).toBe(true);
    expect(await readFile(join(root, 'src/app.ts'), 'utf8')).toBe(
      'one\ntwo\nthree\nfour\n<<<<<<< yours\nmine\n=======\nFIVE\n>>>>>>> templates\n',
    );
  });

  test('writes nothing where a file changed since the plan was made', async () => {
    const root = await service();
    const { plan, project } = await updatePlan(root);
    await writeFile(join(root, 'src/app.ts'), 'changed meanwhile\n');
    const old = await snapshot(root);
    expect((await userError(() => applyPlan(plan, project))).code).toBe('CHANGED_MEANWHILE');
    expect(await snapshot(root)).toEqual(old);
  });

  test('that fails in the middle is undone', async () => {
    const root = await service();
    const old = await snapshot(root);
    const { plan, project } = await updatePlan(root);
    const failing = applyPlan(plan, project, {
      onStep: (step) => {
        if (step === 'place src/app.ts') throw new Error('the disk is on fire');
      },
    });
    await expect(failing).rejects.toThrow('the disk is on fire');
    expect(await snapshot(root)).toEqual(old);
  });

  test('that is aborted before it is committed changes nothing; after, it ends', async () => {
    const root = await service();
    const old = await snapshot(root);
    const { plan, project } = await updatePlan(root);
    const abortAt = async (moment: string): Promise<boolean> => {
      const abort = new AbortController();
      const onStep = (step: string): void => (step === moment ? abort.abort(new Error('stopped')) : undefined);
      return applyPlan(plan, project, { signal: abort.signal, onStep });
    };
    await expect(abortAt('stage src/app.ts')).rejects.toThrow('stopped');
    expect(await snapshot(root)).toEqual(old);
    expect(await abortAt('place src/app.ts')).toBe(true);
    expect(await readFile(join(root, 'src/app.ts'), 'utf8')).toContain('FIVE');
  });

  test('does not run while another does', async () => {
    const root = await service();
    const { plan, project } = await updatePlan(root);
    // The parent of this process is alive for as long as this test is.
    await mkdir(join(root, `.msvc/.apply-${process.ppid}`));
    const old = await snapshot(root);
    expect((await userError(() => applyPlan(plan, project))).code).toBe('BUSY');
    expect((await userError(() => readProject(root, '2.0.0'))).code).toBe('BUSY');
    expect(await snapshot(root)).toEqual(old);
  });
});

describe('symbolic links', () => {
  test.each(['src/app.ts', 'src', '.msvc/base', '.env.example'])(
    '%s leading out of the service is refused',
    async (path) => {
      const root = await service();
      const outside = await scratchFolder();
      await rename(join(root, path), join(outside, 'target'));
      const before = await snapshot(outside);
      await symlink(join(outside, 'target'), join(root, path));
      const error = await userError(async () => {
        const { plan, project } = await updatePlan(root);
        await applyPlan(plan, project);
      });
      expect(error.code).toBe('LINK_LEADS_OUT');
      expect(await snapshot(outside)).toEqual(before);
    },
  );

  test('one that leads out where a new file would come is refused, even when it leads nowhere', async () => {
    const root = await service();
    const outside = await scratchFolder();
    await symlink(join(outside, 'absent'), join(root, 'src/new'));
    expect((await userError(() => updatePlan(root))).code).toBe('LINK_LEADS_OUT');
    expect(await readdir(outside)).toEqual([]);
  });

  test('one that is laid while the plan is applied is refused', async () => {
    const root = await service();
    const outside = await scratchFolder();
    const { plan, project } = await updatePlan(root);
    await symlink(outside, join(root, 'src/new'));
    expect((await userError(() => applyPlan(plan, project))).code).toBe('LINK_LEADS_OUT');
    expect(await readdir(outside)).toEqual([]);
  });

  test('one inside the service is followed', async () => {
    const root = await service();
    await mkdir(join(root, 'lib'));
    await rename(join(root, 'src/app.ts'), join(root, 'lib/app.ts'));
    await symlink('../lib/app.ts', join(root, 'src/app.ts'));
    const { plan, project } = await updatePlan(root);
    await applyPlan(plan, project);
    expect(await readFile(join(root, 'lib/app.ts'), 'utf8')).toContain('FIVE');
    await rm(join(root, 'src/app.ts'));
  });
});
