import type { JSONWebKeySet } from 'jose';

const timeoutMs = 5_000;

/**
 * The keys of an OpenID provider or OAuth server, found by its metadata (OpenID Connect Discovery 1.0, section 4). An
 * answer that names another issuer is refused: its keys would be somebody else's.
 */
export async function fetchKeys(issuer: string): Promise<JSONWebKeySet> {
  const metadata = await getJson<{ issuer: string; jwks_uri: string }>(
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
  );
  if (metadata.issuer !== issuer) throw new Error(`${issuer} calls itself ${metadata.issuer}`);
  return getJson<JSONWebKeySet>(metadata.jwks_uri);
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return (await response.json()) as T;
}
