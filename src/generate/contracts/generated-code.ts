/** Where the code of a service's own contracts stands. */
const folder = 'src/generated';

/** The code that contracts in Protocol Buffers make, by path; of a service that has none, nothing is loaded. */
export async function generatedCode(
  files: Iterable<readonly [path: string, text: string]>,
): Promise<[string, string][]> {
  const sources = new Map(
    [...files].flatMap(([path, text]) => {
      const name = /^contracts\/(.+\.proto)$/.exec(path)?.[1];
      return name === undefined ? [] : [[name, text] as const];
    }),
  );
  if (sources.size === 0) return [];
  const { generateCode } = await import('./protobuf/generate.ts');
  return [...generateCode(sources).code].map(([path, text]) => [`${folder}/${path}`, text]);
}
