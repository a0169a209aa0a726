import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { acceptCorrelationId, correlationHeader } from './context.ts';
import { Problem, type ProblemDocument } from './problem.ts';

/** Answers any error as a problem document (RFC 9457); what an internal error says stays in the log. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  const problem = problemFrom(error, request.id);
  if (problem.status >= 500) request.log.error({ err: error });
  // It is for now only: whoever is told when comes back, and those who are not told give up or come at once.
  if (problem.status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', secondsUntilRetry(error));
  return answerProblem(problem, reply);
}

/** At least one: who comes back at once meets the same trouble. */
const secondsUntilRetry = ({ retryAfterMs = 0 }: FastifyError & { retryAfterMs?: number }): number =>
  Math.max(1, Math.ceil(retryAfterMs / 1_000));

export function answerNotFound(request: FastifyRequest, reply: FastifyReply) {
  const detail = `${request.method} ${request.url.split('?')[0]} is not served here`;
  return answerProblem({ ...plain(404, request.id), detail }, reply);
}

/** What never became a request: its headers are too long, it did not end in time, or it is no HTTP. */
export function answerBrokenRequest({ code }: ConnectionError, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return;
  const problem = plain(brokenRequests[code] ?? 400, acceptCorrelationId(undefined));
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'connection: close',
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `${correlationHeader}: ${problem.correlation_id}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

const brokenRequests: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

function answerProblem(problem: ProblemDocument, reply: FastifyReply) {
  return reply
    .code(problem.status)
    .header(correlationHeader, problem.correlation_id)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem);
}

const plain = (status: number, correlationId: string): ProblemDocument => ({
  type: 'about:blank',
  title: STATUS_CODES[status] ?? 'Error',
  status,
  correlation_id: correlationId,
});

/** Only errors that say so themselves carry a status; anything else is a bug of this service: 500. */
function problemFrom(error: FastifyError, correlationId: string): ProblemDocument {
  if (error instanceof Problem) {
    const { statusCode: status, kind, message: title, members } = error;
    return { ...members, type: `/problems/${kind}`, title, status, correlation_id: correlationId };
  }
  const base = plain(error.statusCode ?? 500, correlationId);
  if (error.validation) {
    const errors = error.validation.map((issue) => ({
      field: fieldName(error.validationContext, issue.instancePath, issue.params),
      message: issue.message ?? 'is not valid',
    }));
    return { ...base, detail: 'The request does not fit its schema', errors };
  }
  return base.status < 500 ? { ...base, detail: error.message } : base;
}

/** "body.items.0.quantity". A missing or unknown property is named in the params, not in the path. */
function fieldName(part = 'request', path: string, params: Record<string, unknown>): string {
  const named = params.missingProperty ?? params.additionalProperty;
  const steps = path.split('/').filter(Boolean);
  return [part, ...steps, ...(typeof named === 'string' ? [named] : [])].join('.');
}
