import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyPlan } from '../../../src/generate/files/apply-plan.ts';
import { checkTarget, createProject } from '../../../src/generate/files/create-project.ts';
import { readProject } from '../../../src/generate/files/read-project.ts';
import { recover } from '../../../src/generate/files/recover.ts';
import { newPlan, updatePlan } from '../support/scenario.ts';
import { scratchFolder, snapshot } from '../support/scratch.ts';

let folder: string;
let program: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-kill-')));
  program = join(folder, 'killed.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('killed.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

type Job = 'create' | 'create-shared' | 'apply' | 'recover';

/** Runs a job until it kills itself; the number of steps where it came to its end. */
async function run(job: Job, target: string, killAt = -1, cwd = ''): Promise<number | 'killed'> {
  const child = spawn(process.execPath, [program, job, target, String(killAt), cwd], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [code, signal] = await once(child, 'close');
  if (signal === 'SIGKILL') return 'killed';
  expect(said).toMatch(/^\d+\n$/);
  expect(code).toBe(0);
  return Number(said);
}

/** Runs an attempt with every step killed once, until one comes to its end; the number of kills. */
async function killAtEachStep(attempt: (killAt: number) => Promise<number | 'killed'>): Promise<number> {
  for (let killAt = 0; ; killAt += 1) if ((await attempt(killAt)) !== 'killed') return killAt;
}

async function original(): Promise<{ pristine: string; old: object; next: object }> {
  const dir = await scratchFolder();
  const pristine = join(dir, 'pristine');
  await createProject(await newPlan(), pristine);
  await writeFile(join(pristine, 'src/app.ts'), 'mine\none\ntwo\nthree\nfour\nfive\n');
  const old = await snapshot(pristine);
  const done = join(dir, 'done');
  await cp(pristine, done, { recursive: true });
  const { plan, project } = await updatePlan(done);
  await applyPlan(plan, project);
  return { pristine, old, next: await snapshot(done) };
}

describe('an apply killed before any of its steps', () => {
  test('leaves all old or all new files after the next command', async () => {
    const { pristine, old, next } = await original();
    const seen = { old: 0, next: 0 };
    const kills = await killAtEachStep(async (killAt) => {
      const root = join(pristine, `../${killAt}`);
      await cp(pristine, root, { recursive: true });
      const end = await run('apply', root, killAt);
      await recover(root);
      const found = await snapshot(root);
      const which = JSON.stringify(found) === JSON.stringify(old) ? 'old' : 'next';
      expect(found).toEqual(which === 'old' ? old : next);
      seen[which] += 1;
      // And the same command again ends where it would have.
      const { plan, project } = await updatePlan(root);
      await applyPlan(plan, project);
      expect(await snapshot(root)).toEqual(next);
      return end;
    });
    expect(kills).toBeGreaterThan(25);
    expect(seen.old).toBeGreaterThan(10);
    expect(seen.next).toBeGreaterThan(10);
  });

  test('and a recovery killed as well: the one after it ends the same', async () => {
    const { pristine, old, next } = await original();
    const steps = await run('apply', await copy(pristine, 'count'));
    expect(steps).not.toBe('killed');
    // In the middle of renaming: the journal is there, some files are placed.
    const middle = Math.floor(Number(steps) * 0.75);
    const kills = await killAtEachStep(async (killAt) => {
      const root = await copy(pristine, `r${killAt}`);
      expect(await run('apply', root, middle)).toBe('killed');
      const end = await run('recover', root, killAt);
      await recover(root);
      const found = await snapshot(root);
      expect([old, next]).toContainEqual(found);
      return end;
    });
    expect(kills).toBeGreaterThan(5);
  });

  test('does not undo what a person writes before the next command', async () => {
    const { pristine } = await original();
    const steps = Number(await run('apply', await copy(pristine, 'count')));
    let undone = 0;
    for (const killAt of Array.from({ length: 8 }, (_, index) => steps - 3 - index)) {
      const root = await copy(pristine, `p${killAt}`);
      expect(await run('apply', root, killAt)).toBe('killed');
      await appendFile(join(root, 'src/app.ts'), 'written after the kill\n');
      if ((await recover(root)) === 'undone') undone += 1;
      expect(await readFile(join(root, 'src/app.ts'), 'utf8')).toMatch(/^mine\n(?:.*\n)*written after the kill\n$/);
      expect(await readdir(join(root, '.msvc'))).toEqual(['base', 'service.json']);
      await readProject(root, '2.0.0');
    }
    expect(undone).toBeGreaterThan(0);
  });
});

const copy = async (from: string, name: string): Promise<string> => {
  const to = join(from, '..', name);
  await cp(from, to, { recursive: true });
  return to;
};

describe('a create killed before any of its steps', () => {
  test('leaves nothing at its target, and the next run clears what lies beside it', async () => {
    const dir = await scratchFolder();
    const target = join(dir, 'order-service');
    const kills = await killAtEachStep(async (killAt) => {
      const end = await run('create', target, killAt);
      if (end === 'killed') expect(await readdir(dir)).not.toContain('order-service');
      return end;
    });
    expect(kills).toBeGreaterThan(8);
    expect(await readdir(dir)).toEqual(['order-service']);
  });

  test('in a larger repository: the next run has its pipeline and its files, whole', async () => {
    const dir = await scratchFolder();
    await mkdir(join(dir, '.git'));
    const target = join(dir, 'services/orders');
    const left: string[] = [];
    const kills = await killAtEachStep(async (killAt) => {
      const end = await run('create-shared', target, killAt);
      if (end === 'killed') left.push((await readdir(dir)).filter((name) => name !== '.git').join());
      return end;
    });
    expect(kills).toBeGreaterThan(4);
    expect(new Set(left)).toEqual(new Set(['', '.github,services']));
    expect(await readFile(join(dir, '.github/workflows/order-service.yml'), 'utf8')).toBe('on: push\n');
    expect(await readdir(join(dir, 'services'))).toEqual(['orders']);
  });

  test('in the working directory: the next command finds it empty or whole', async () => {
    const dir = await scratchFolder();
    const whole = join(dir, 'whole');
    await createProject(await newPlan(), whole);
    const complete = await snapshot(whole);
    const kills = await killAtEachStep(async (killAt) => {
      const target = join(dir, String(killAt));
      await mkdir(target);
      const end = await run('create', target, killAt, target);
      if (end === 'killed' && (await readdir(target)).length === 0) return end;
      await recover(target);
      const found = await snapshot(target);
      expect([{}, complete]).toContainEqual(found);
      if (Object.keys(found).length === 0) expect(await checkTarget(target)).toBe('empty');
      return end;
    });
    expect(kills).toBeGreaterThan(15);
  });
});
