import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, newCommand } from '../../../src/cli/commands/index.ts';

/** A command line that we show to somebody, where it stands, and what is shown of its output. */
export interface Documented {
  line: string;
  from: string;
  output: readonly string[];
}

/** Every example of every `--help`, of both bins. */
export const helpExamples: readonly Documented[] = [
  ...commands.flatMap(({ name, examples }) =>
    examples.map(([line]) => ({ line, from: `msvc ${name} --help`, output: [] })),
  ),
  ...newCommand.examples.map(([line]) => ({
    line: line.replace('msvc new', 'create-microservice'),
    from: 'create-microservice --help',
    output: [],
  })),
];

/** How a service calls the version of the tool that it names. */
const asOurs = (line: string): string => line.replace(/^(npm|pnpm) run msvc -- /, 'msvc ');

/** Every line of the blocks of a document that are for a shell: with `$ ` where output is shown too, else each of them. */
export function shellLines(text: string, from: string): Documented[] {
  return [...text.replace(/\\\n/g, ' ').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(
    ([, language = '', block = '']) => {
      if (!['', 'sh', 'bash', 'console'].includes(language)) return [];
      const parts = block.startsWith('$ ') ? block.split(/^\$ /m).slice(1) : block.split(/\n/).filter(Boolean);
      return parts.map((part) => {
        const [line = '', ...output] = part.trimEnd().split('\n');
        return { line: asOurs(line.replace(/\s+#\s.*$/, '')), from, output };
      });
    },
  );
}

const programs = ['msvc', 'create-microservice', 'npm', 'npx', 'pnpm', 'node', 'git', 'docker', 'kubectl', 'helm'];

/** Every command between backticks in running text. */
export function inlineCommands(text: string, from: string): Documented[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)]
    .map(([, line = '']) => ({ line: asOurs(line), from, output: [] }))
    .filter(({ line }) => programs.includes(line.split(' ')[0] ?? '') && line.includes(' '));
}

const root = join(import.meta.dirname, '..', '..', '..');

/** The READMEs of this repository, by path. */
export const ownReadmes: Readonly<Record<string, string>> = Object.fromEntries(
  ['README.md', 'templates/README.md', 'templates/platform/README.md'].map((path) => [
    path,
    readFileSync(join(root, path), 'utf8'),
  ]),
);

/** Lines that ask a cluster: those of the tests on the control plane. */
export const asksCluster = (line: string): boolean =>
  /^msvc check-cluster\b/.test(line) && !/--(demo|from|print-rbac)\b/.test(line);

/** The README of a service and the pages of its parts, as one text. */
export function pagesOf(service: string): string {
  const docs = join(service, 'docs');
  const pages = existsSync(docs)
    ? readdirSync(docs)
        .sort()
        .map((page) => join(docs, page))
    : [];
  return [join(service, 'README.md'), ...pages].map((page) => readFileSync(page, 'utf8')).join('\n');
}
