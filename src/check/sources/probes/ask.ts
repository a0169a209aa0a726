import { withoutSecrets } from '../../../harmless.ts';
import type { ProbeAnswer } from '../../contract.ts';
import type { Connection } from '../cluster/kubeconfig.ts';
import { type Answer, exchange } from '../cluster/request.ts';
import { type PlannedPod, type PlannedRequest, pathOf, probeLimits, shownRequest } from './planned.ts';

/** An answer, and what the app sent with it: read once and dropped. */
export interface Asked {
  answer: ProbeAnswer;
  /** Of the app alone; absent where somebody else answered. */
  app?: { headers: Answer['headers']; body: string };
}

/**
 * Sends one request. Never throws: what was in the way is in the answer. Redirects are not followed, and nothing is tried
 * again.
 */
export async function ask(
  connection: Connection,
  pod: PlannedPod,
  request: PlannedRequest,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Asked> {
  const told = { purpose: request.purpose, request: shownRequest(pod, request) };
  const { patience, body: most } = probeLimits;
  try {
    const got = await exchange(
      connection,
      // An answer that is packed is larger than it seems.
      { path: pathOf(pod, request), accept: '*/*', headers: { 'accept-encoding': 'identity', ...headers }, most },
      { idle: patience, signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]) },
    );
    const instead = request.to ? notTheApp(got) : ofTheServer(got);
    if (instead) return { answer: { ...told, ...instead, status: got.status } };
    // The log is the API server's own answer: any other than 200 was recognized above, or is none that can be read.
    if (!request.to && got.status !== 200)
      return { answer: { ...told, outcome: 'unreached', status: got.status, detail: 'no log in the answer' } };
    return {
      answer: { ...told, outcome: 'answered', status: got.status, ...(got.cut ? { cut: true } : {}) },
      app: { headers: got.headers, body: got.body },
    };
  } catch (error) {
    return { answer: { ...told, outcome: 'unreached', detail: whyNot(error) } };
  }
}

type Instead = Pick<ProbeAnswer, 'outcome' | 'detail'>;

/** Somebody answered for the app: the API server, or a proxy of a mesh. */
const notTheApp = (got: Answer): Instead | undefined => ofTheServer(got) ?? ofProxy(got);

/**
 * The API server answers with a Status object. An app that answers with one in the same words is taken for it, and then
 * nothing is said of the app.
 */
function ofTheServer({ status, body }: Answer): Instead | undefined {
  if (status < 400) return undefined;
  const { kind, apiVersion, code, message } = statusIn(body);
  if (kind !== 'Status' || apiVersion !== 'v1' || code !== status) return undefined;
  const refused = status === 401 || status === 403;
  return { outcome: refused ? 'refused' : 'unreached', detail: shortened(String(message ?? `status ${status}`)) };
}

function statusIn(body: string): { kind?: unknown; apiVersion?: unknown; code?: unknown; message?: unknown } {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/** The sidecar answers itself: by Envoy's words of refusal and of failed connections, or by Linkerd's own header. */
function ofProxy({ status, headers, body }: Answer): Instead | undefined {
  if (status < 400) return undefined;
  if (headers['l5d-proxy-error'] !== undefined)
    return { outcome: status === 403 ? 'refused' : 'unreached', detail: 'by the proxy of the mesh (Linkerd)' };
  if (status === 403 && body.startsWith('RBAC: access denied'))
    return { outcome: 'refused', detail: 'by the proxy of the mesh (Envoy: RBAC: access denied)' };
  // Of an answer that came from the app Envoy says how long it took.
  const byEnvoy = /envoy/i.test(String(headers['server'] ?? ''));
  if (byEnvoy && status >= 500 && headers['x-envoy-upstream-service-time'] === undefined)
    return { outcome: 'unreached', detail: 'by the proxy of the mesh (Envoy): it did not reach the app' };
  return undefined;
}

const whyNot = (error: unknown): string =>
  error instanceof Error && ['TimeoutError', 'AbortError'].includes(error.name)
    ? `no answer within ${probeLimits.patience} ms`
    : shortened(error instanceof Error ? error.message : String(error));

const shortened = (text: string): string => withoutSecrets(text.replace(/\s+/g, ' ').slice(0, 300));
