import { UserError } from '../../../errors.ts';
import { ReadError } from './client.ts';
import type { Connection } from './kubeconfig.ts';
import { TimedOut } from './request.ts';

const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Why the first request to the API server failed, as the person who ran the command can mend it. Exit code 4. */
export function connectionError(error: unknown, connection: Connection): unknown {
  if (!(error instanceof ReadError)) return error;
  const { context } = connection;
  const server = `${connection.server.protocol}//${connection.server.host}`;
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  const fail = (name: string, what: string, why: string, fix: string) =>
    new UserError({ code: name, what, why, fix, exitCode: 4, cause: error });

  if (error.status === 401 || isAnonymous(error)) {
    return fail(
      'CLUSTER_UNAUTHORIZED',
      `${server} does not accept the credentials of context "${context}"`,
      error.status === 401
        ? 'They are expired, revoked or of another cluster (401).'
        : 'The context has no credentials.',
      `Log in again, then try: kubectl --context ${context} auth whoami`,
    );
  }
  if (untrusted.has(code)) {
    return fail(
      'CLUSTER_UNTRUSTED',
      `The certificate of ${server} cannot be trusted`,
      `${error.message} (${code}): the kubeconfig's certificate authority is not the one that signed it.`,
      `Fetch the kubeconfig of this cluster anew, or correct certificate-authority-data of context "${context}"`,
    );
  }
  if (error.cause instanceof TimedOut || (error.cause as Error | undefined)?.name === 'AbortError') {
    return fail(
      'CLUSTER_TIMEOUT',
      `${server} does not answer`,
      'The connection stands or is being made, but no answer came in time.',
      `Check the way to it (VPN, proxy, firewall), then try: kubectl --context ${context} version`,
    );
  }
  if (error.status === 0 && code === '' && !(error.cause instanceof SyntaxError)) {
    return fail(
      'CLUSTER_UNREADABLE',
      `${server} cannot be read`,
      sentence(error.message),
      'Is it a Kubernetes API server?',
    );
  }
  if (error.status === 0 && !(error.cause instanceof SyntaxError)) {
    return fail(
      'CLUSTER_UNREACHABLE',
      `${server} cannot be reached`,
      sentence(error.message),
      `Is the cluster running, and is this the right context? Try: kubectl --context ${context} version`,
    );
  }
  return fail(
    'CLUSTER_UNREADABLE',
    `${server} does not answer as a Kubernetes API server`,
    error.status > 0 ? `It answered ${sentence(error.message)}` : 'Its answer is not JSON.',
    `Check the server address of context "${context}": kubectl config view --minify`,
  );
}

const isAnonymous = (error: ReadError) => error.status === 403 && error.message.includes('system:anonymous');
const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
