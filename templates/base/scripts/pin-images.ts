import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * `npm run pin-images`: the Dockerfile names each image that it begins with by the digest that its tag has now, so that
 * every build of a commit begins with the same one. Dependabot renews both; here it is asked for by hand.
 */
const file = 'Dockerfile';
const begins = /^(FROM (?:--platform=\S+ )?)([^\s@]+)(@sha256:[0-9a-f]{64})?(?= |$)/gim;

const before = await readFile(file, 'utf8');
const stages = new Set([...before.matchAll(/^FROM .+ AS (\S+)$/gim)].map(([, name]) => name));
const images = [...new Set([...before.matchAll(begins)].map(([, , image = '']) => image))].filter(
  // A stage above it, nothing at all, and what an argument says have no digest.
  (image) => !stages.has(image) && image !== 'scratch' && !image.includes('$'),
);
try {
  const digests = new Map(await Promise.all(images.map(async (image) => [image, await digestOf(image)] as const)));
  const after = before.replace(begins, (line: string, start: string, image: string) => {
    const digest = digests.get(image);
    return digest === undefined ? line : `${start}${image}@${digest}`;
  });
  if (after !== before) await writeFile(file, after);
  for (const [image, digest] of digests) console.log(`${image}  ${digest}`);
} catch (error) {
  console.error(`${file} stays as it is: ${error instanceof Error ? error.message.trim() : error}`);
  process.exitCode = 1;
}

/** Of all that the tag holds, one for each platform. */
async function digestOf(image: string): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', ['buildx', 'imagetools', 'inspect', image], {
    timeout: 60_000,
  });
  const digest = /^Digest: +(sha256:[0-9a-f]{64})$/m.exec(stdout)?.[1];
  if (digest === undefined) throw new Error(`docker told no digest of ${image}`);
  return digest;
}
