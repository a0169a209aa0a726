import type { JSONWebKeySet } from 'jose';

const timeoutMs = 5_000;
const largest = 1_048_576;

/**
 * The keys of an OpenID provider or OAuth server, found by its metadata (OpenID Connect Discovery 1.0, section 4). An
 * answer that names another issuer is refused: its keys would be somebody else's.
 */
export async function fetchKeys(issuer: string): Promise<JSONWebKeySet> {
  const metadata = await getJson<{ issuer: string; jwks_uri: string }>(
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
  );
  if (metadata.issuer !== issuer) throw new Error(`${issuer} calls itself ${metadata.issuer}`);
  return fetchKeysAt(metadata.jwks_uri);
}

/** The keys at their own address, for providers without metadata, or with an address that cannot be reached from here. */
export const fetchKeysAt = (url: string): Promise<JSONWebKeySet> => getJson<JSONWebKeySet>(url);

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' }).catch((error) => {
    throw new Error(`${url} does not answer: ${reasonOf(error)}`, { cause: error });
  });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return JSON.parse(await readText(response, url)) as T;
}

/** What stands behind "fetch failed". */
const reasonOf = ({ message, cause }: Error): string => (cause instanceof Error ? cause.message : message);

async function readText({ body }: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > largest) throw new Error(`${url} answers more than ${largest} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
