import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** What an image would be: its files, and how its process is started. */
export interface ImageTree {
  root: string;
  workdir: string;
  env: Record<string, string>;
  user: number;
  command: string[];
}

interface Stage extends ImageTree {
  name: string;
}

/**
 * Runs the steps of a Dockerfile in folders of this machine instead of images: what it copies, in which order, and what
 * its commands do there. Knows the instructions that our Dockerfile uses, and throws at any other.
 */
export async function runDockerfile(
  context: string,
  into: string,
  env: NodeJS.ProcessEnv,
  file = 'Dockerfile',
): Promise<ImageTree> {
  const stages: Stage[] = [];
  const sent = await readIgnore(context, file);
  for (const { instruction, rest } of instructionsOf(await readFile(join(context, file), 'utf8'))) {
    if (instruction === 'FROM') {
      const name = /\sAS\s+(\S+)$/i.exec(rest)?.[1] ?? `stage-${stages.length}`;
      const root = join(into, name);
      await mkdir(root, { recursive: true });
      stages.push({ name, root, workdir: '/', env: {}, user: 0, command: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (!stage) throw new Error(`${instruction} stands before FROM`);
    await step(stage, instruction, rest, { context, sent, stages, env });
  }
  const last = stages.at(-1);
  if (!last) throw new Error('a Dockerfile without FROM');
  return last;
}

/** One a line; a backslash goes on, a comment does not count. */
const instructionsOf = (text: string) =>
  text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ instruction: line.split(/\s+/)[0] ?? '', rest: line.replace(/^\S+\s+/, '') }));

async function step(
  stage: Stage,
  instruction: string,
  rest: string,
  {
    context,
    sent,
    stages,
    env,
  }: { context: string; sent: readonly string[]; stages: readonly Stage[]; env: NodeJS.ProcessEnv },
): Promise<void> {
  const inStage = (path: string) => join(stage.root, path.startsWith('/') ? path : join(stage.workdir, path));
  switch (instruction) {
    case 'WORKDIR':
      stage.workdir = rest;
      await mkdir(inStage('.'), { recursive: true });
      return;
    case 'ENV':
    case 'ARG': {
      const [name = '', value = ''] = rest.split(/=(.*)/s);
      stage.env[name] = value.replace(/^\$(\w+)$/, (_, other: string) => stage.env[other] ?? '');
      return;
    }
    case 'COPY': {
      const from = /^--from=(\S+)\s+/.exec(rest)?.[1];
      const paths = rest.replace(/^--from=\S+\s+/, '').split(/\s+/);
      const target = paths.pop() ?? '.';
      const source = from === undefined ? undefined : stages.find(({ name }) => name === from);
      if (from !== undefined && !source) throw new Error(`COPY --from=${from}: there is no such stage`);
      for (const path of paths) {
        const files = source ? [{ from: path, to: basename(path) }] : await sentBelow(context, sent, path);
        for (const { from: file, to } of files) {
          const isFolder = target === '.' || target.endsWith('/');
          const place = isFolder ? join(inStage(target), to) : inStage(target);
          await cp(join(source?.root ?? context, file), place, { recursive: true, verbatimSymlinks: true });
        }
      }
      return;
    }
    case 'RUN': {
      const done = spawnSync('sh', ['-c', rest], {
        cwd: inStage('.'),
        env: { ...env, ...stage.env },
        encoding: 'utf8',
      });
      if (done.status !== 0) throw new Error(`RUN ${rest} ended with ${done.status}:\n${done.stdout}${done.stderr}`);
      return;
    }
    case 'USER':
      stage.user = Number(rest);
      return;
    case 'CMD':
      stage.command = JSON.parse(rest) as string[];
      return;
    case 'EXPOSE':
      return;
    default:
      throw new Error(`${instruction} is not known here`);
  }
}

/** What reaches the build: the list beside the Dockerfile, else that of the context, refuses everything and names what it lets through. */
async function readIgnore(context: string, file: string): Promise<string[]> {
  const text = await readFile(join(context, `${file}.dockerignore`), 'utf8').catch(() =>
    readFile(join(context, '.dockerignore'), 'utf8'),
  );
  const lines = text.split('\n').filter((line) => /^[^#\s]/.test(line));
  if (lines[0] !== '*' || lines.slice(1).some((line) => !line.startsWith('!')))
    throw new Error('.dockerignore must be a list of exceptions');
  return lines.slice(1).map((line) => line.slice(1));
}

/** What a path copies: a file by its name, of a folder what is in it. Nothing at all is an error, as for a builder. */
async function sentBelow(
  context: string,
  sent: readonly string[],
  path: string,
): Promise<{ from: string; to: string }[]> {
  const wanted = path.replace(/^\.\/?|\/$/g, '');
  const found = await Promise.all(sent.map((one) => stat(join(context, one)).catch(() => undefined)));
  const files = sent
    .filter((_, index) => found[index])
    .filter((one) => wanted === '' || one === wanted || one.startsWith(`${wanted}/`))
    .map((from) => ({
      from,
      to: from === wanted ? basename(from) : from.slice(wanted === '' ? 0 : wanted.length + 1),
    }));
  if (files.length === 0) throw new Error(`COPY ${path}: nothing of it reaches the build`);
  return files;
}
