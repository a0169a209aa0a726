import * as oauth from 'openid-client';

export interface Tokens {
  accessToken: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** From then on it is renewed, while it is still good. */
  renewAt: number;
  refreshToken: string | undefined;
  /** Undefined where the provider does not say: those that were asked for, or that there were (RFC 6749, 5.1). */
  scopes: readonly string[] | undefined;
}

export interface SignedIn extends Tokens {
  subject: string;
  scopes: readonly string[];
  /** Of the session at the provider, where it has said one. */
  sid: string | undefined;
}

/** What a log-in needs to remember until the browser comes back. */
export interface Login {
  verifier: string;
  state: string;
  nonce: string;
  /** Path to go to afterwards. */
  back: string;
}

/** The provider has said no: the session is over. Everything else that goes wrong may pass. */
export class GrantRefused extends Error {
  override name = 'GrantRefused';
}

export interface ProviderOptions {
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
  scope: string;
  /** Whom the access token is for (RFC 8707), where the provider wants to know. */
  resource: string | undefined;
  redirectUri: string;
}

const grantOfExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** Seconds that one answer of the provider may take: less than a lock lasts. */
const timeoutS = 5;

/** The OpenID provider as a confidential client sees it: code with PKCE, refresh, revocation. */
export class Provider {
  readonly #options: ProviderOptions;
  #found: Promise<oauth.Configuration> | undefined;

  constructor(options: ProviderOptions) {
    this.#options = options;
  }

  async begin(back: string): Promise<{ login: Login; url: URL }> {
    const { redirectUri, scope, resource } = this.#options;
    const login = {
      verifier: oauth.randomPKCECodeVerifier(),
      state: oauth.randomState(),
      nonce: oauth.randomNonce(),
      back,
    };
    const url = oauth.buildAuthorizationUrl(await this.#configuration(), {
      redirect_uri: redirectUri,
      scope,
      state: login.state,
      nonce: login.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(login.verifier),
      code_challenge_method: 'S256',
      // Without it some providers give no refresh token.
      prompt: 'consent',
      ...(resource && { resource }),
    });
    return { login, url };
  }

  /** @param query of the address at which the browser came back */
  async finish(query: string, { verifier, state, nonce }: Login): Promise<SignedIn> {
    const { redirectUri, resource, scope } = this.#options;
    const answer = await oauth.authorizationCodeGrant(
      await this.#configuration(),
      new URL(query, redirectUri),
      { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
      resource ? { resource } : {},
    );
    const claims = answer.claims();
    const sid = claims?.sid;
    const tokens = tokensOf(answer);
    return {
      ...tokens,
      scopes: tokens.scopes ?? scope.split(' '),
      subject: claims?.sub ?? '',
      sid: typeof sid === 'string' ? sid : undefined,
    };
  }

  /** @throws GrantRefused where the session is over for the provider; anything else may pass */
  async refresh(refreshToken: string): Promise<Tokens> {
    const { resource } = this.#options;
    try {
      const parameters: Record<string, string> = resource ? { resource } : {};
      const answer = await oauth.refreshTokenGrant(await this.#configuration(), refreshToken, parameters);
      return { ...tokensOf(answer), refreshToken: answer.refresh_token ?? refreshToken };
    } catch (error) {
      if (error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant')
        throw new GrantRefused(error.error_description ?? error.error);
      throw error;
    }
  }

  /** Token exchange (RFC 8693): the same caller, for one audience. @throws GrantRefused where that may not be */
  async exchange(token: string, audience: string): Promise<Tokens> {
    try {
      const answer = await oauth.genericGrantRequest(await this.#configuration(), grantOfExchange, {
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience,
      });
      return tokensOf(answer);
    } catch (error) {
      if (error instanceof oauth.ResponseBodyError && error.status < 500)
        throw new GrantRefused(error.error_description ?? error.error);
      throw error;
    }
  }

  async revoke(token: string): Promise<void> {
    const configuration = await this.#configuration();
    if (configuration.serverMetadata().revocation_endpoint) await oauth.tokenRevocation(configuration, token);
  }

  /** Found when it is first needed, and again where that failed: the provider may start later. */
  #configuration(): Promise<oauth.Configuration> {
    const { issuer, clientId, clientSecret } = this.#options;
    this.#found ??= oauth
      .discovery(new URL(issuer), clientId, clientSecret, undefined, {
        timeout: timeoutS,
        execute: issuer.startsWith('http:') ? [oauth.allowInsecureRequests] : [],
      })
      .catch((error: unknown) => {
        this.#found = undefined;
        throw error;
      });
    return this.#found;
  }
}

const tokensOf = (answer: oauth.TokenEndpointResponse): Tokens => {
  const lifeMs = (answer.expires_in ?? 300) * 1_000;
  const expiresAt = Date.now() + lifeMs;
  return {
    accessToken: answer.access_token,
    expiresAt,
    renewAt: expiresAt - Math.min(60_000, lifeMs / 4),
    refreshToken: answer.refresh_token,
    scopes: answer.scope?.split(' ').filter(Boolean),
  };
};
