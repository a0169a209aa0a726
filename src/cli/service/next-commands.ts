import { relative } from 'node:path';
import type { PackageManager } from '../../generate/record.ts';
import type { Output } from '../../ports.ts';
import { painter } from '../ports/paint.ts';

/** Path of a folder as one types it from another: `order-service`, or empty where it is the same. */
export const relativePath = (from: string, to: string): string => relative(from, to);

/** What to run next, in order, ready to be typed. */
export function nextCommands(after: { packageManager: PackageManager; where: string; installed: boolean }): string[] {
  const { packageManager: manager } = after;
  return [
    ...(after.where === '' ? [] : [`cd ${quoted(after.where)}`]),
    ...(after.installed ? [] : [`${manager} install`]),
    manager === 'npm' ? 'npm run dev' : `${manager} dev`,
    `${manager} test`,
  ];
}

export function nextText(commands: readonly string[], output: Output): string {
  const paint = painter(output);
  return `Next:\n${commands.map((command) => `  ${paint('cyan', command)}\n`).join('')}`;
}

/** What a person must bring for production; empty where that is nothing new. */
export const productionText = (needs: readonly string[]): string =>
  needs.length === 0 ? '' : `\nIn production it needs:\n${needs.map((need) => `  ${need}\n`).join('')}`;

/** As a shell needs it: in double quotes where a space or another special character is in it. */
export const quoted = (path: string): string => (/^[\w@%+=:,./\\~-]+$/.test(path) ? path : `"${path}"`);
