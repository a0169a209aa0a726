import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { importsOf, readContract } from '../../../src/generate/files/read-contract.ts';
import { userError } from '../support/user-error.ts';

const never = new AbortController().signal;

async function serve(answer: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'msvc-contract-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('a file is read from the folder that one is in', async () => {
  const cwd = await folder();
  await writeFile(join(cwd, 'a.yaml'), 'openapi: 3.1.0');
  expect(await readContract('a.yaml', { cwd, signal: never })).toEqual({ text: 'openapi: 3.1.0', source: 'a.yaml' });
  expect(await userError(() => readContract('b.yaml', { cwd, signal: never }))).toMatchObject({
    code: 'CONTRACT_NOT_FOUND',
  });
});

test('a pipe that nobody writes to is no contract, and nothing waits for it', async () => {
  const cwd = await folder();
  await promisify(execFile)('mkfifo', [join(cwd, 'pipe')]);
  expect((await userError(() => readContract('pipe', { cwd, signal: never }))).code).toBe('CONTRACT_NOT_FOUND');
});

test('imports are looked for in the folder of a contract and in those above it, the nearest first', async () => {
  const cwd = await folder();
  await mkdir(join(cwd, 'protos/a/v1'), { recursive: true });
  await writeFile(join(cwd, 'protos/a/v1/types.proto'), 'near');
  await mkdir(join(cwd, 'a/v1'), { recursive: true });
  await writeFile(join(cwd, 'a/v1/types.proto'), 'far');
  await writeFile(join(cwd, 'shared.proto'), 'shared');
  const find = importsOf('protos/a/v1/a.proto', { cwd });
  expect(await find('a/v1/types.proto')).toBe('near');
  expect(await find('shared.proto')).toBe('shared');
  // A folder, nothing at all, and a name that no file can have.
  for (const path of ['a/v1', 'b.proto', `${'b'.repeat(5_000)}.proto`]) expect(await find(path)).toBeUndefined();
  expect(await importsOf('https://a.example/protos/a.proto', { cwd })('shared.proto')).toBeUndefined();
});

test('a folder is no contract, and one that is too large is not read', async () => {
  const cwd = await folder();
  await writeFile(join(cwd, 'large.json'), '');
  await truncate(join(cwd, 'large.json'), 16 * 1_048_576 + 1);
  expect((await userError(() => readContract('.', { cwd, signal: never }))).code).toBe('CONTRACT_NOT_FOUND');
  expect((await userError(() => readContract('large.json', { cwd, signal: never }))).code).toBe('CONTRACT_TOO_LARGE');
});

test('an address is asked once', async () => {
  const { url, asked } = await serve((_, response) => response.end('{}'));
  const found = await readContract(`${url}/openapi.json?key=secret`, { cwd: '/', signal: never });
  expect(found).toEqual({ text: '{}', source: `${url}/openapi.json` });
  expect(asked).toEqual(['GET /openapi.json?key=secret']);
});

test('a redirect is not followed: it is said where it leads, without what it may hold', async () => {
  const other = await serve((_, response) => response.end('{}'));
  const { url } = await serve((_, response) =>
    response.writeHead(302, { location: `${other.url.replace('//', '//me:secret@')}/x?token=secret` }).end(),
  );
  const error = await userError(() => readContract(url, { cwd: '/', signal: never }));
  expect(error).toMatchObject({ code: 'CONTRACT_NOT_REACHED', message: `${url}/ leads elsewhere` });
  expect(error.fix).toContain('127.0.0.1');
  expect(`${error.message}${error.why}${error.fix}`).not.toContain('secret');
  expect(other.asked).toEqual([]);
});

test('an answer without an end is cut off', async () => {
  const { url } = await serve((_, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(1_048_576, ' ')));
    };
    response.on('drain', more);
    more();
  });
  expect((await userError(() => readContract(url, { cwd: '/', signal: never }))).code).toBe('CONTRACT_TOO_LARGE');
});

test.each([
  ['http://me:secret@127.0.0.1/openapi.json', 'CONTRACT_ADDRESS'],
  ['ftp://127.0.0.1/openapi.json', 'CONTRACT_ADDRESS'],
  ['file:///etc/passwd', 'CONTRACT_ADDRESS'],
  ['https://', 'CONTRACT_ADDRESS'],
  ['http://127.0.0.1:1/openapi.json?secret=secret', 'CONTRACT_NOT_REACHED'],
])('%s is refused in three lines', async (address, code) => {
  const error = await userError(() => readContract(address, { cwd: '/', signal: never }));
  expect(error.code).toBe(code);
  expect(`${error.message}${error.why}${error.fix}`).not.toContain('secret');
});

test('an answer that is none says so', async () => {
  const { url } = await serve((_, response) => response.writeHead(404).end());
  expect(await userError(() => readContract(url, { cwd: '/', signal: never }))).toMatchObject({
    why: 'It answered 404.',
  });
});

test('whoever interrupts it waits no longer', async () => {
  const interrupt = new AbortController();
  const { url } = await serve(() => interrupt.abort(new Error('interrupted')));
  await expect(readContract(url, { cwd: '/', signal: interrupt.signal })).rejects.toThrow('interrupted');
});
