import type { Contract } from './contracts/compare-openapi.ts';
import { readJson } from './contracts/write-json.ts';

const mostShown = 8;

/** The addresses of a service that listens at `url`: its health, and the operations of its contract. */
export async function whatToTry(url: string): Promise<string> {
  const operations = Object.entries(await readPaths()).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${url}${path}`),
  );
  const more = operations.length > mostShown ? [`all of them: ${url}/openapi.json`] : [];
  const lines = [`GET ${url}/health`, ...operations.slice(0, mostShown), ...more];
  return `Try, as README.md shows:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** None where the contract is being edited: it says so itself, where it is read. */
async function readPaths(): Promise<NonNullable<Contract['paths']>> {
  const contract = (await readJson('contracts/openapi.json').catch(() => undefined)) as Contract | undefined;
  return contract?.paths ?? {};
}
