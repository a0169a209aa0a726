import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { nodeProgram } from '../../src/repo/node-program.ts';
import { median, type Row } from './bench.ts';
import { startHelper, startService, told } from './measured-process.ts';
import { openMemoryGroup, withoutMemoryGroups } from './memory-group.ts';

/** Bytes of a file. */
const length = 256 * 1_048_576;
const mostMegabytes = 60;
const rounds = 3;
/** Milliseconds after the start in which what it needed for that can be given back. */
const idleMs = 3_000;
const block = Buffer.alloc(65_536, 'x');

/** Sends a file, or asks for one where it is not `isSent`. @returns bytes of the answer */
function transfer(url: string, isSent: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: isSent ? 'POST' : 'GET' }, (answer) => {
      let received = 0;
      answer.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      answer.once('end', () =>
        answer.statusCode === 200 ? resolve(received) : reject(new Error(`${answer.statusCode}`)),
      );
    });
    asked.once('error', reject);
    let left = isSent ? length : 0;
    const more = (): void => {
      while (left > 0) {
        left -= block.length;
        if (!asked.write(block)) return;
      }
      asked.end();
    };
    asked.on('drain', more);
    more();
  });
}

/** Bytes of memory of a process: those it has, or had at most since that was forgotten. */
const memoryOf = (pid: number | undefined, what: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;

/** What the gateway needs above what it has while nothing happens, for a file each way. */
async function bytesAboveIdle(folder: string, files: string, command: readonly string[]): Promise<number> {
  const routes = join(folder, 'bench-files.yaml');
  writeFileSync(routes, "routes: [{ path: '/*', service: files, auth: none, body: 1GiB }]");
  const env = { ROUTES_FILE: routes, FILES_URL: files, AUTH_ISSUER: files, REDIS_URL: 'redis://127.0.0.1:1' };
  const gateway = await startService(['--enable-source-maps', join(folder, 'dist/main.js')], '/ready', env, command);
  try {
    const { pid } = gateway.child;
    for (let i = 0; i < 100; i += 1) await transfer(`${gateway.url}/ready`, false);
    await pause(idleMs);
    const idle = memoryOf(pid, 'VmRSS');
    // Forgets the most that it had (proc(5)): the start is dearer than what follows.
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    if ((await transfer(`${gateway.url}/file`, false)) !== length) throw new Error('the file has not come whole');
    await transfer(`${gateway.url}/file`, true);
    return memoryOf(pid, 'VmHWM') - idle;
  } finally {
    await gateway.stop();
  }
}

/** A row for the oldest Node that a service runs on, and one for that of its image. */
export async function fileRows(folder: string, tell: (line: string) => void): Promise<Row[]> {
  if (process.platform !== 'linux') {
    tell('memory is not measured: only Linux tells the most that a process had');
    return [];
  }
  const without = withoutMemoryGroups();
  if (without) tell(`the gateway has all memory there is, not that of a pod: ${without}`);
  const pod = without ? undefined : openMemoryGroup('gateway');
  const upstream = startHelper('file-upstream.mjs');
  try {
    const files = await told<string>(upstream);
    const rows: Row[] = [];
    for (const major of ['20', '24']) {
      const { node } = nodeProgram(major);
      const name = `Node ${major}`;
      tell(`a file of 256 MiB down and up on ${name}`);
      const above: number[] = [];
      for (let round = 0; round < rounds; round += 1)
        above.push(await bytesAboveIdle(folder, files, [...(pod?.command ?? []), node]));
      const megabytes = Math.round(median(above) / 1e6);
      rows.push({
        what: `256 MiB down and then up on ${name}${pod ? ', in the memory of a pod' : ''}: above idle`,
        result: `${megabytes} MB`,
        target: `≤ ${mostMegabytes} MB`,
        met: megabytes <= mostMegabytes,
      });
    }
    if (pod?.killed()) throw new Error('the gateway was killed, since it wanted more memory than a pod has');
    return rows;
  } finally {
    upstream.kill();
    await pod?.remove();
  }
}
