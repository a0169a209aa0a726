import { expect } from 'vitest';
import { writesOf } from '../../../src/generate/files/apply-plan.ts';
import type { Plan } from '../../../src/generate/plan/plan.ts';
import type { DiskFile, Project } from '../../../src/generate/plan/project.ts';
import type { ServiceRecord } from '../../../src/generate/record.ts';
import { recordPath } from '../../../src/generate/record.ts';

/** A project's files, by path. */
export type Files = Map<string, string>;

/** A project whose files are these. */
export function projectOf(files: Files, record: ServiceRecord): Project {
  const base = [...files].flatMap(([path, content]): [string, string][] =>
    path.startsWith('.msvc/base/') ? [[path.slice('.msvc/base/'.length, -'.base'.length), content]] : [],
  );
  return {
    root: '/service',
    record,
    recordText: files.get(recordPath) ?? '',
    base: new Map(base),
    read: async (paths) =>
      new Map(
        [...paths].flatMap((path): [string, DiskFile][] => {
          const content = files.get(path);
          return content === undefined ? [] : [[path, { content, mode: 0o644 }]];
        }),
      ),
  };
}

/** The files after everything that a plan writes. */
export function written(files: Files, plan: Plan): Files {
  const result = new Map(files);
  for (const { path, before, content } of writesOf(plan)) {
    expect(result.get(path)).toBe(before);
    if (content === undefined) result.delete(path);
    else result.set(path, content);
  }
  return result;
}
