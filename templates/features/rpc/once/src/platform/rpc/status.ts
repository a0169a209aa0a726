import { create, toBinary } from '@bufbuild/protobuf';
import { type Any, anyPack, durationFromMs } from '@bufbuild/protobuf/wkt';
import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { service } from '../../identity.ts';
import { correlationHeader } from '../context.ts';
import { Problem } from '../problem.ts';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from './standard/google/rpc/error_details_pb.ts';
import { StatusSchema } from './standard/google/rpc/status_pb.ts';

/** The trailer in which gRPC carries the details of an error. */
export const detailsTrailer = 'grpc-status-details-bin';

/** As https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto sets them side by side. */
const codes: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  408: status.DEADLINE_EXCEEDED,
  409: status.ABORTED,
  412: status.FAILED_PRECONDITION,
  413: status.RESOURCE_EXHAUSTED,
  422: status.INVALID_ARGUMENT,
  429: status.RESOURCE_EXHAUSTED,
  499: status.CANCELLED,
  501: status.UNIMPLEMENTED,
  502: status.UNAVAILABLE,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

const codeOf = (httpStatus: number): status =>
  codes[httpStatus] ?? (httpStatus >= 400 && httpStatus < 500 ? status.FAILED_PRECONDITION : status.INTERNAL);

/** An error that says itself how it is to be answered, as those of Fastify and of clients do. */
interface Answerable extends Error {
  statusCode?: number;
  retryAfterMs?: number;
}

/**
 * An error as the caller sees it, by the same rules as over HTTP: a `Problem` with all it says, another error that
 * carries a 4xx with its message, and of anything else only that it happened.
 */
export function statusOf(error: unknown, correlationId: string): StatusObject {
  const { statusCode = 500, message, retryAfterMs } = error as Answerable;
  const isProblem = error instanceof Problem;
  const code = codeOf(statusCode);
  const text = isProblem || statusCode < 500 ? message : plainText(code);
  const info = create(ErrorInfoSchema, {
    reason: isProblem ? error.kind.toUpperCase().replaceAll('-', '_') : (status[code] ?? 'UNKNOWN'),
    domain: service.name,
    metadata: { ...(isProblem ? textMembers(error.members) : {}), correlation_id: correlationId },
  });
  const violations = isProblem ? violationsOf(error.members.errors) : [];
  const waitMs = retryAfterMs ?? (statusCode === 503 ? 1_000 : undefined);
  const details = [
    anyPack(ErrorInfoSchema, info),
    ...(violations.length > 0
      ? [anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: violations }))]
      : []),
    ...(waitMs === undefined
      ? []
      : [anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationFromMs(Math.ceil(waitMs)) }))]),
  ];
  return statusWith(code, text, details, correlationId);
}

/** What streams get that go on when the service has to leave: another replica takes the caller's next call. */
export const cutOffStatus = (correlationId: string): StatusObject =>
  statusOf(new Problem(503, 'service-leaves', 'This replica leaves: call again'), correlationId);

function statusWith(code: status, text: string, details: Any[], correlationId: string): StatusObject {
  // Half of a character would throw where it is encoded.
  const message = text.replace(/\p{Surrogate}/gu, '\ufffd');
  const metadata = new Metadata();
  metadata.set(correlationHeader, correlationId);
  metadata.set(detailsTrailer, Buffer.from(toBinary(StatusSchema, create(StatusSchema, { code, message, details }))));
  return { code, details: message, metadata };
}

/** `INTERNAL` as "internal error": what an error says that is not meant for the caller stays in the log. */
const plainText = (code: status): string =>
  code === status.INTERNAL ? 'internal error' : (status[code] ?? 'error').toLowerCase().replaceAll('_', ' ');

const textMembers = (members: Problem['members']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) =>
      ['string', 'number', 'boolean'].includes(typeof value) ? [[name, String(value)]] : [],
    ),
  );

function violationsOf(errors: unknown): { field: string; description: string }[] {
  if (!Array.isArray(errors)) return [];
  return errors.map(({ field, message }: { field: string; message: string }) => ({ field, description: message }));
}
