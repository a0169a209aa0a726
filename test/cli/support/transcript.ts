import { spawn } from 'node:child_process';

/** What a transcript is run with: its folder, and what is replaced in the output because it differs between machines. */
interface Stage {
  cwd: string;
  /** PATH, with our bins on it. */
  path: string;
  replace: readonly (readonly [pattern: RegExp | string, by: string])[];
}

const fence = /```console\n([\s\S]*?)```/g;

/**
 * Runs every `$ ` line of a document's console blocks, in order and in one folder, and writes the document anew with
 * what happened: stdout as it is, stderr after a line `[stderr]`, and the exit code in `[exit N]`.
 */
export async function replay(document: string, stage: Stage): Promise<string> {
  let written = '';
  let end = 0;
  for (const block of document.matchAll(fence)) {
    written += document.slice(end, block.index);
    const commands = (block[1] as string).split('\n').filter((line) => line.startsWith('$ '));
    const ran: string[] = [];
    for (const line of commands) ran.push(`${line}\n${await run(line.slice(2), stage)}`);
    written += `\`\`\`console\n${ran.join('')}\`\`\``;
    end = block.index + block[0].length;
  }
  return written + document.slice(end);
}

async function run(line: string, { cwd, path, replace }: Stage): Promise<string> {
  // A clean environment: neither this machine's settings nor the colours of the runner's terminal reach the document.
  const env = { PATH: path, HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' };
  const child = spawn('sh', ['-c', line], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const text = `${withNewline(stdout)}${stderr ? `[stderr]\n${withNewline(stderr)}` : ''}[exit ${code}]\n`;
  return replace.reduce((result, [pattern, by]) => result.replaceAll(pattern, by), text);
}

const withNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
