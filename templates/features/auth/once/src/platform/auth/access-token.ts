import { decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { KeySet } from './key-set.ts';

/** Who calls, as the identity provider vouches for. */
export interface Caller {
  /** `sub`: a user, or the client itself where no user is there. */
  subject: string;
  clientId: string | undefined;
  scopes: ReadonlySet<string>;
  claims: JWTPayload;
}

export interface TokenRules {
  issuer: string;
  audience: string;
  /** Named one by one: what a token says about itself never widens them. */
  algorithms: string[];
  clockToleranceS: number;
  now?(): Date;
}

/** The token is not good; `message` may be shown to whoever sent it. */
export class InvalidToken extends Error {
  override name = 'InvalidToken';
}

/** Checks signature, issuer, audience and time. Throws InvalidToken or KeysUnavailable. */
export async function verifyAccessToken(token: string, keys: KeySet, rules: TokenRules): Promise<Caller> {
  const { issuer, audience, algorithms, clockToleranceS, now } = rules;
  const options: JWTVerifyOptions = {
    issuer,
    audience,
    algorithms,
    clockTolerance: clockToleranceS,
    requiredClaims: ['exp', 'sub'],
    ...(now && { currentDate: now() }),
  };
  try {
    return callerOf(await verify(token, keys, options));
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new InvalidToken(reasonOf(error), { cause: error });
    throw error;
  }
}

/** A token that names no key may be signed by any that fits, also by one that the provider has had for a moment only. */
async function verify(token: string, keys: KeySet, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return await verifyByAny(token, keys, options);
  } catch (error) {
    const isOfUnknownKey = error instanceof errors.JWSSignatureVerificationFailed;
    if (!isOfUnknownKey || decodeProtectedHeader(token).kid !== undefined || !(await keys.refresh())) throw error;
    return verifyByAny(token, keys, options);
  }
}

async function verifyByAny(token: string, keys: KeySet, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys.find, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (reason) {
        if (!(reason instanceof errors.JWSSignatureVerificationFailed)) throw reason;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** Scopes stand in `scope` (RFC 9068), in some providers' tokens in `scp`, as words or as a list. */
function callerOf(claims: JWTPayload): Caller {
  const words = [claims.scope, claims.scp].flat().flatMap((part) => (typeof part === 'string' ? part.split(' ') : []));
  const clientId = claims.client_id ?? claims.azp;
  return {
    subject: claims.sub ?? '',
    clientId: typeof clientId === 'string' ? clientId : undefined,
    scopes: new Set(words.filter(Boolean)),
    claims,
  };
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `The claim "${error.claim}" of the token does not fit`;
  if (error instanceof errors.JWKSNoMatchingKey) return 'The token is signed by an unknown key';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The token is signed by an algorithm that is not accepted';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature of the token does not fit';
  return 'The token cannot be read';
}
