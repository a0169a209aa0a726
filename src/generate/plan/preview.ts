import { harmlessLine } from '../../harmless.ts';
import { isOutside } from '../record.ts';
import type { FileChange, Plan } from './plan.ts';

/** What happens to a file, in a word, and the sign before it. `quiet` ones are not worth a line in a table. */
export function describeChange(change: FileChange): { sign: string; word: string; quiet: boolean } {
  switch (change.kind) {
    case 'create':
      return { sign: '+', word: 'new', quiet: false };
    case 'update':
      return { sign: '~', word: change.merged ? 'merged' : 'clean', quiet: false };
    case 'delete':
      return { sign: '-', word: 'deleted', quiet: false };
    case 'conflict':
      return { sign: '!', word: 'conflict', quiet: false };
    case 'keep':
      return { sign: '=', word: change.reason, quiet: change.quiet === true };
  }
}

interface Folder {
  folders: Map<string, Folder>;
  files: [name: string, change: FileChange][];
}

function asFolders(changes: readonly FileChange[]): Folder {
  const root: Folder = { folders: new Map(), files: [] };
  for (const change of changes) {
    const segments = change.path.split('/');
    const name = segments.pop() as string;
    let folder = root;
    for (const segment of segments) {
      const next: Folder = folder.folders.get(segment) ?? { folders: new Map(), files: [] };
      folder.folders.set(segment, next);
      folder = next;
    }
    folder.files.push([name, change]);
  }
  return root;
}

function treeLines({ folders, files }: Folder, indent: string): string[] {
  const lines = [...folders].flatMap(([name, folder]) => [
    `  ${indent}${harmlessLine(name)}/`,
    ...treeLines(folder, `${indent}  `),
  ]);
  for (const [name, change] of files) {
    const { sign, word } = describeChange(change);
    lines.push(`${sign} ${indent}${harmlessLine(name)}${change.kind === 'create' ? '' : `  ${harmlessLine(word)}`}`);
  }
  return lines;
}

/** The files of a plan as a tree under `title`, each with what happens to it. For `--dry-run` of a new service. */
export function previewTree({ changes }: Pick<Plan, 'changes'>, title: string): string {
  const inside = changes.filter(({ path }) => !isOutside(path));
  const outside = changes
    .filter(({ path }) => isOutside(path))
    .map((change) => `${describeChange(change).sign} ${harmlessLine(change.path)}`);
  return `${[`  ${harmlessLine(title)}/`, ...treeLines(asFolders(inside), '  '), ...outside].join('\n')}\n`;
}

/** One line a file that changes or is kept for a reason: sign, path, and what happens. Empty where nothing does. */
export function previewTable(plan: Plan): string {
  const rows = plan.changes.map((change) => ({ path: harmlessLine(change.path), ...describeChange(change) }));
  const told = rows.filter(({ quiet }) => !quiet);
  const width = Math.min(48, Math.max(0, ...told.map(({ path }) => path.length)));
  return told.map(({ sign, path, word }) => `${sign} ${path.padEnd(width)}  ${harmlessLine(word)}\n`).join('');
}

/** How many files of each kind: `3 new, 1 merged`; `nothing to do` where none changes. */
export function summarise(plan: Plan): string {
  const counts = new Map<string, number>();
  for (const change of plan.changes) {
    if (change.kind === 'keep') continue;
    const { word } = describeChange(change);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ') || 'nothing to do';
}
