import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckRun } from '../../../src/check/contract.ts';
import type { CustomKind } from '../../cluster/definitions.ts';

const folder = join(import.meta.dirname, '..', 'field-cases');

/** A small system made after a public report, and what is right to say of it. */
export interface FieldCase {
  name: string;
  manifests: string;
  /** Absent where the controllers of the test cluster write all there is to write. */
  after?: string;
  /** "cart/health-checks" → the statuses that can be defended; `ABSENT`: it is no subject. */
  expected: ReadonlyMap<string, readonly string[]>;
  crds: readonly CustomKind[];
  nodes?: number;
  /** Field manager to apply with. */
  manager?: string;
  /** Namespaces to judge; without it all. */
  scope?: readonly string[];
  /** More of the command line. */
  args: readonly string[];
}

/** Cases in files are judged from them, the others on the cluster. */
export const isOfFiles = ({ name }: FieldCase): boolean => /^(manifests|yaml)-/.test(name);

export const fieldCases = (): FieldCase[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readCase(name));

const parsed = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

function readCase(name: string): FieldCase {
  const at = (file: string): string => join(folder, name, file);
  const { why: _, ...cells } = parsed(at('expected.json')) as Record<string, string | string[]>;
  return {
    crds: [],
    args: [],
    ...(existsSync(at('case.json')) ? parsed(at('case.json')) : {}),
    ...(existsSync(at('after.yaml')) ? { after: at('after.yaml') } : {}),
    name,
    manifests: at('manifests'),
    expected: new Map(Object.entries(cells).map(([cell, status]) => [cell, [status].flat()])),
  };
}

/** One line for each cell that is not as it should be. */
export function differences({ expected }: FieldCase, run: CheckRun): string[] {
  const services = run.results.filter(({ subject }) => subject.kind !== 'Cluster');
  return [...expected].flatMap(([cell, statuses]) => {
    const said = services.filter(({ check, subject }) => `${subject.name}/${check}` === cell);
    const got = said.length === 0 ? 'ABSENT' : said.map(({ status }) => status).join(' and ');
    if (statuses.includes(got)) return [];
    const why = said.map(({ reason, message }) => ` (${reason}: ${message})`).join('');
    return [`${cell}: said ${got}${why}, want ${statuses.join(' or ')}`];
  });
}
