import { readdir } from 'node:fs/promises';

/**
 * What `npm run contract` does for contracts of another kind than OpenAPI: one a file in scripts/contracts/kinds/.
 *
 * @returns the exit status
 */
export type ContractKind = (options: { mayBreak: boolean }) => Promise<number>;

export async function otherKinds(): Promise<ContractKind[]> {
  const folder = new URL('./kinds/', import.meta.url);
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.ts')).sort();
  return Promise.all(files.map(async (file) => (await import(new URL(file, folder).href)).default as ContractKind));
}
