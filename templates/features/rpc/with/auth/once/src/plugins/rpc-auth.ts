import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Caller } from '../platform/auth/access-token.ts';
import { bearerToken } from '../platform/auth/bearer-token.ts';

declare module '../platform/rpc/define-rpc.ts' {
  interface MethodConfig {
    /** Scopes that a caller needs, all of them. Without: any good token. */
    scopes?: readonly string[];
  }
}

declare module '../platform/rpc/call.ts' {
  interface Call {
    /** Who calls; null where no token is needed and none came with the call. */
    caller?: Caller | null;
  }
}

/** Lets a call in by its bearer token, by the rules of routes. */
export default fp(
  async (app: FastifyInstance) => {
    app.rpc.guard(async (call, config) => {
      const [authorization] = call.metadata.get('authorization');
      call.caller = await app.admit(bearerToken(authorization?.toString()), config, noChallenge);
    });
  },
  { name: 'rpc-auth', dependencies: ['auth', 'rpc'] },
);

/** What `WWW-Authenticate` says over HTTP, the status and its details say here. */
const noChallenge = { header: () => undefined };
