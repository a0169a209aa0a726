import manifest from '../../package.json' with { type: 'json' };
import { client, startIdentityProvider } from '../auth/provider.ts';
import { defineLocalProgram } from '../local-programs.ts';

/** An OpenID provider for `npm run dev`, unless AUTH_ISSUER names one; it says how to get a token. Tests start their own. */
export default defineLocalProgram({
  name: 'auth',
  async start({ purpose, env }) {
    if (env.AUTH_ISSUER || purpose === 'test') return {};
    const { issuer, stop } = await startIdentityProvider();
    console.log(`Tokens for development, with any scopes:
  curl -s ${issuer}/token -u ${client.id}:${client.secret} \\
    -d grant_type=client_credentials \\
    -d resource=urn://${env.AUTH_AUDIENCE ?? manifest.name} -d scope='orders:read orders:write'`);
    return { env: { AUTH_ISSUER: issuer }, stop };
  },
});
