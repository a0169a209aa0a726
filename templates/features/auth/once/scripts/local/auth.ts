import contract from '../../contracts/openapi.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import { findLogIns } from '../auth/log-ins.ts';
import { client, startIdentityProvider } from '../auth/provider.ts';
import { defineLocalProgram } from '../local-programs.ts';

/** An OpenID provider for `npm run dev`, unless AUTH_ISSUER names one; it says how to get a token. Tests start their own. */
export default defineLocalProgram({
  name: 'auth',
  async start({ purpose, env }) {
    if (env.AUTH_ISSUER || purpose === 'test') return {};
    const logIns = await findLogIns(env);
    const { issuer, stop } = await startIdentityProvider({ logIns: logIns?.configuration });
    const scopes = [...scopesOf(contract.paths), ...(logIns?.scopes ?? [])].join(' ');
    console.log(`A token for development, with any scopes:
  TOKEN=$(curl -s ${issuer}/token -u ${client.id}:${client.secret} \\
    -d grant_type=client_credentials -d resource=urn://${env.AUTH_AUDIENCE ?? manifest.name} \\
    -d scope='${scopes}' |
    node -p 'JSON.parse(require("fs").readFileSync(0)).access_token')`);
    if (logIns) console.log(logIns.hint);
    return { env: { AUTH_ISSUER: issuer, ...logIns?.env }, stop };
  },
});

/** Every scope that a route of the contract asks for. */
function scopesOf(paths: object): string[] {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods as object));
  const asked = operations.flatMap(({ security = [] }: { security?: Record<string, string[]>[] }) => security);
  return [...new Set(asked.flatMap((requirement) => Object.values(requirement).flat()))].sort();
}
