import type { TestContext } from 'node:test';
import { type IdentityProvider, startIdentityProvider } from '../../scripts/auth/provider.ts';
import { service } from '../../src/identity.ts';

/** A real OpenID provider for one test, whose tokens are for this service unless the test says otherwise. */
export async function identityProviderFor(t: TestContext): Promise<IdentityProvider> {
  const provider = await startIdentityProvider();
  t.after(provider.stop);
  return { ...provider, token: (options) => provider.token({ audience: service.name, ...options }) };
}

export const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
