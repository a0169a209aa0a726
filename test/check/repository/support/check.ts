import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CheckResult, CheckRun } from '../../../../src/check/contract.ts';
import { runCommandLine } from '../../../../src/cli/main.ts';
import { testPorts } from '../../../cli/support/test-ports.ts';

/** A folder with these files, gone when the test ends. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'msvc-repository-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A PATH on which there are these programs, as shell scripts, and nothing else but what a shell needs. */
export function pathWith(programs: Readonly<Record<string, string>>): string {
  const folder = folderOf(programs);
  for (const name of Object.keys(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${programs[name]}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** How `msvc check` ended. */
export interface Checked {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export async function check(
  argv: readonly string[],
  { cwd = '/', path = process.env.PATH ?? '', signal }: { cwd?: string; path?: string; signal?: AbortSignal } = {},
): Promise<Checked> {
  const ports = testPorts({ cwd, env: { PATH: path, HOME: '/nowhere' }, ...(signal ? { signal } : {}) });
  const exitCode = await runCommandLine('msvc', ['check', ...argv], ports);
  return { exitCode, stdout: ports.stdout.text, stderr: ports.stderr.text };
}

/** The reports of the environments, by name. */
export async function reports(
  argv: readonly string[],
  where: Parameters<typeof check>[1] = {},
): Promise<Map<string, CheckRun>> {
  const { stdout, stderr } = await check([...argv, '-o', 'json'], where);
  const { environments } = JSON.parse(stdout || '{}') as { environments?: CheckRun[] };
  if (!environments) throw new Error(stderr);
  return new Map(environments.map((run) => [run.environment?.name ?? '', run]));
}

export const cells = (run: CheckRun | undefined, service: string): CheckResult[] =>
  (run?.results ?? []).filter(({ subject }) => subject.name === service && subject.kind !== 'Cluster');

/** Check → "pass REASON", and "not looked at". */
export const row = (run: CheckRun | undefined, service: string): Record<string, string> => ({
  ...Object.fromEntries(cells(run, service).map(({ check, status, reason }) => [check, `${status} ${reason}`])),
  ...Object.fromEntries(
    (run?.notLookedAt ?? [])
      .filter(({ subject }) => subject.name === service)
      .map(({ check }) => [check, 'not looked at']),
  ),
});
