import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { serviceOf, workload } from '../check/support/shop-objects.ts';
import { useBuiltPackage } from '../cli/support/built-package.ts';
import { root } from './support/imports.ts';

interface Step {
  id?: string;
  name?: string;
  if?: string;
  shell?: string;
  run?: string;
  uses?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
}
const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
  inputs: Record<string, { description: string; default: string }>;
  outputs: Record<string, { value: string }>;
  runs: { using: string; steps: Step[] };
};
const { steps } = action.runs;
const built = useBuiltPackage();

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'msvc-action-'));
  mkdirSync(join(home, 'work'));
  return () => rmSync(home, { recursive: true, force: true });
});
const file = (path: string, text: string): void => {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
};
const app = (name: string, image: string): string =>
  workload(name, `{ name: ${name}, image: "${image}" }`) + serviceOf(name);

/** Runs one step as the runner does: its script in a file, `bash -eo pipefail`, inputs in their variables. */
function run(step: Step | undefined, inputs: Record<string, string> = {}, env: Record<string, string> = {}) {
  const given = (name: string): string => inputs[name] ?? action.inputs[name]?.default ?? '';
  const variables = Object.entries(step?.env ?? {}).map(([name, value]) => [
    name,
    value.replace(/^\$\{\{ inputs\.([a-z-]+) \}\}$/, (_, input: string) => given(input)),
  ]);
  const files = { GITHUB_OUTPUT: join(home, 'output'), GITHUB_STEP_SUMMARY: join(home, 'summary') };
  for (const path of Object.values(files)) writeFileSync(path, '');
  writeFileSync(join(home, 'step.sh'), step?.run ?? '');
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', join(home, 'step.sh')],
    {
      cwd: join(home, 'work'),
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH ?? '',
        HOME: home,
        RUNNER_TEMP: home,
        GITHUB_ACTION_PATH: built.packageDir,
        ...files,
        ...env,
        ...Object.fromEntries(variables),
      },
    },
  );
  const outputs = readFileSync(files.GITHUB_OUTPUT, 'utf8').split('\n').filter(Boolean);
  return {
    status,
    stdout,
    stderr,
    summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
    outputs: Object.fromEntries(outputs.map((line) => line.split(/=(.*)/s).slice(0, 2))) as Record<string, string>,
  };
}
const byName = (name: string): Step | undefined => steps.find((step) => step.name === name);
const judge = (inputs: Record<string, string> = {}) => run(byName('Judge'), inputs);

describe('action.yml', () => {
  test('is a composite action in which nothing of a caller stands in a script', () => {
    expect(action.runs.using).toBe('composite');
    for (const { run: script, shell, uses } of steps) {
      expect(script === undefined).toBe(uses !== undefined);
      if (script === undefined) continue;
      expect(shell).toBe('bash');
      expect(script).not.toContain('${{');
    }
    for (const { description } of Object.values(action.inputs)) expect(description.length).toBeGreaterThan(8);
  });

  test('names only inputs, steps and outputs that there are', () => {
    const text = readFileSync(join(root, 'action.yml'), 'utf8');
    const named = (what: RegExp): string[] =>
      [...new Set([...text.matchAll(what)].map(([, name = '']) => name))].sort();
    expect(named(/inputs\.([a-z-]+)/g)).toEqual(Object.keys(action.inputs).sort());
    const written = new Set(
      steps.flatMap((step) => [...(step.run ?? '').matchAll(/"(\w+|\$name)=/g)].map(([, name]) => name)),
    );
    for (const name of named(/steps\.\w+\.outputs\.(\w+)/g)) expect(['sarif', 'json', ...written]).toContain(name);
    for (const id of named(/steps\.(\w+)\.outputs/g)) expect(steps.some((step) => step.id === id)).toBe(true);
  });

  test('sets Node up only where the one that is there is too old', () => {
    const look = byName('Look at the version of Node');
    expect(run(look).outputs).toEqual({ fits: 'true' });
    // An older Node, as far as the question goes.
    file('old/node', '#!/bin/sh\nexit 1\n');
    chmodSync(join(home, 'old/node'), 0o755);
    const old = run(look, {}, { PATH: `${join(home, 'old')}:${process.env.PATH}` });
    expect([old.status, old.outputs]).toEqual([0, {}]);
  });

  test('builds this checkout where it is not built', () => {
    file('npm/npm', '#!/bin/sh\necho "$@" >> "$HOME/npm-was-asked"\n');
    chmodSync(join(home, 'npm/npm'), 0o755);
    mkdirSync(join(home, 'unbuilt'));
    const path = { PATH: `${join(home, 'npm')}:${process.env.PATH}` };
    expect(run(byName('Build msvc'), {}, path).status).toBe(0);
    expect(existsSync(join(home, 'npm-was-asked'))).toBe(false);
    expect(run(byName('Build msvc'), {}, { ...path, GITHUB_ACTION_PATH: join(home, 'unbuilt') }).status).toBe(0);
    expect(readFileSync(join(home, 'npm-was-asked'), 'utf8')).toBe(
      'ci --ignore-scripts --no-audit --no-fund\nrun build\n',
    );
  });

  test('judges: annotations, a summary, SARIF, JSON and a page of each environment, and fails', () => {
    file('work/deploy/dev/a.yaml', app('a', 'shop/a'));
    file('work/deploy/prod/a.yaml', app('a', 'shop/a:1.2.3'));
    const { status, stdout, summary, outputs } = judge();
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error file=deploy\/dev\/a\.yaml,line=\d+,title=deployment-automation NO_VERSION::/m);
    expect(summary).toMatch(/^## msvc check: .*deploy\/dev/m);
    expect(JSON.parse(readFileSync(outputs.sarif ?? '', 'utf8')).runs).toHaveLength(2);
    expect(JSON.parse(readFileSync(outputs.json ?? '', 'utf8')).environments).toHaveLength(2);
    expect(readdirSync(outputs.pages ?? '').sort()).toEqual(['deploy-dev.html', 'deploy-prod.html']);
  });

  test('fails for what is new alone, where there is a baseline', () => {
    file('work/a.yaml', app('a', 'shop/a'));
    const first = judge({ html: '' });
    expect([first.status, first.outputs.pages]).toEqual([1, undefined]);
    file('work/.msvc/then.json', readFileSync(first.outputs.json ?? '', 'utf8'));
    expect(judge({ baseline: '.msvc/then.json' }).status).toBe(0);
    file('work/b.yaml', app('b', 'shop/b'));
    expect(judge({ baseline: '.msvc/then.json' }).status).toBe(1);
    expect(judge({ 'fail-on': 'never' }).status).toBe(0);
  });

  test('a broken manifest is told, and what could be judged is kept', () => {
    file('work/dev/a.yaml', app('a', 'shop/a:1'));
    file('work/prod/a.yaml', 'kind: x\n  - a: [');
    const { status, outputs, summary } = judge({ 'fail-on': 'never' });
    expect(status).toBe(3);
    expect(summary).toContain('prod/a.yaml');
    expect(existsSync(outputs.json ?? '')).toBe(true);
  });

  test('nothing that is given becomes a command or an option', () => {
    file('work/a.yaml', app('a', 'shop/a:1'));
    const hostile = '$(touch hacked)`touch hacked`"; touch hacked; --record=kept';
    for (const name of Object.keys(action.inputs).filter((input) => input !== 'sarif')) {
      const { status } = judge({ 'fail-on': 'never', [name]: name === 'path' ? `--record=kept ${hostile}` : hostile });
      // An artifact may be called anything, and no chart asks for values.
      expect(status, name).toBe(['html', 'values'].includes(name) ? 0 : 2);
    }
    expect(readdirSync(join(home, 'work'))).toEqual(['a.yaml']);
    expect(existsSync(join(home, 'hacked'))).toBe(false);
  });

  test('values files are one a line', () => {
    file('work/a.yaml', app('a', 'shop/a:1'));
    expect(judge({ values: 'one.yaml\n\ntwo.yaml\n', 'fail-on': 'never' }).stderr).not.toMatch(/No such file/);
  });

  test('is used in our own pipeline with inputs that there are', () => {
    const { jobs } = parse(readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8'));
    const step = (jobs.action.steps as Step[]).find(({ uses }) => uses === './');
    expect(Object.keys(step?.with ?? {}).filter((name) => !(name in action.inputs))).toEqual([]);
    const path = join(root, step?.with?.path ?? '');
    expect(judge({ ...step?.with, path }).status).toBe(0);
  });
});
