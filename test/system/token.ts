/** A token for the gateway, as another program gets one from the provider for development. */
export async function requestToken(issuer: string, scope: string): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('dev:dev').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: 'urn://gateway', scope }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (!token) throw new Error(`no token from ${issuer}: ${response.status}`);
  return token;
}
