import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack, durationMs } from '@bufbuild/protobuf/wkt';
import { type ServiceError as GrpcError, status } from '@grpc/grpc-js';
import { type FailureReason, ServiceError } from '../http-client/service-error.ts';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '../rpc/standard/google/rpc/error_details_pb.ts';
import { type Status, StatusSchema } from '../rpc/standard/google/rpc/status_pb.ts';

/**
 * What a status is over HTTP, which is what breaker and retries go by: from 500 on the service is in trouble. One that has
 * no room is, too; one that does not know the method, or refuses a message that is too large, answers.
 */
const httpStatus: Readonly<Record<number, number>> = {
  [status.CANCELLED]: 499,
  [status.UNKNOWN]: 500,
  [status.INVALID_ARGUMENT]: 400,
  [status.DEADLINE_EXCEEDED]: 504,
  [status.NOT_FOUND]: 404,
  [status.ALREADY_EXISTS]: 409,
  [status.PERMISSION_DENIED]: 403,
  [status.RESOURCE_EXHAUSTED]: 503,
  [status.FAILED_PRECONDITION]: 412,
  [status.ABORTED]: 409,
  [status.OUT_OF_RANGE]: 400,
  [status.UNIMPLEMENTED]: 404,
  [status.INTERNAL]: 500,
  [status.UNAVAILABLE]: 503,
  [status.DATA_LOSS]: 500,
  [status.UNAUTHENTICATED]: 401,
};

const detailsTrailer = 'grpc-status-details-bin';

/** As the libraries of gRPC say it, here and there: such a message is refused however often it is sent. */
const tooLarge = /message .{0,20}(larger than|exceeds) max/i;

const httpStatusOf = ({ code, details }: GrpcError): number =>
  code === status.RESOURCE_EXHAUSTED && tooLarge.test(details) ? 413 : (httpStatus[code] ?? 500);

/** Whether the service is in trouble; anything else is its answer. */
export const isOutage = (error: GrpcError): boolean => httpStatusOf(error) >= 500;

/** An error of grpc-js as the one that all clients throw. `problem` has the status' name and what its details say. */
export function serviceErrorOf(service: string, error: GrpcError, isOfOneInstance = false): ServiceError {
  const { code, details: title } = error;
  if (code === status.DEADLINE_EXCEEDED) {
    return new ServiceError(service, 'timeout', 'no answer in time', { isOfOneInstance, cause: error });
  }
  const trailer = error.metadata?.get(detailsTrailer)[0];
  const found = Buffer.isBuffer(trailer) ? readDetails(trailer) : undefined;
  // Without details nobody answered: grpc-js itself says that it cannot be reached.
  const reason: FailureReason = code === status.UNAVAILABLE && !found ? 'network' : 'status';
  const { reason: kind, metadata, errors, retryAfterMs } = found ?? {};
  return new ServiceError(service, reason, `answered ${status[code] ?? code}: ${title}`, {
    status: httpStatusOf(error),
    isOfOneInstance,
    problem: { ...metadata, title, code: status[code], ...(kind && { reason: kind }), ...(errors && { errors }) },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause: error,
  });
}

function readDetails(bytes: Buffer) {
  let told: Status;
  try {
    told = fromBinary(StatusSchema, bytes);
  } catch {
    return undefined;
  }
  const found: {
    reason?: string;
    metadata?: Record<string, string>;
    errors?: { field: string; message: string }[];
    retryAfterMs?: number;
  } = {};
  for (const detail of told.details) {
    const info = anyUnpack(detail, ErrorInfoSchema);
    if (info) Object.assign(found, { reason: info.reason, metadata: info.metadata });
    const request = anyUnpack(detail, BadRequestSchema);
    if (request) {
      found.errors = request.fieldViolations.map(({ field, description }) => ({ field, message: description }));
    }
    const delay = anyUnpack(detail, RetryInfoSchema)?.retryDelay;
    if (delay) found.retryAfterMs = durationMs(delay);
  }
  return found;
}
