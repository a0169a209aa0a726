import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { service } from '../identity.ts';
import { correlationId } from './context.ts';
import type { Environment } from './settings.ts';

/** Whatever carries one of these names is replaced before it is written, at the top of a line or one level down. */
const secretNames = ['password', 'secret', 'token', 'authorization', 'cookie', 'apiKey', 'api_key', 'accessToken'];
const redact = {
  paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.headers.${name}`]),
  censor: '[redacted]',
};

/**
 * JSON lines on stdout, collected by the platform. The ids come from the context at the moment of logging, so every
 * line of a request has them, also from code that never saw the request.
 */
export const createLogger = (level: string, destination: DestinationStream): Logger =>
  pino(
    {
      level,
      base: { service: service.name, version: service.version },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact,
      mixin: contextIds,
    },
    destination,
  );

function contextIds(): Record<string, string | undefined> {
  const active = context.active();
  const found = trace.getSpanContext(active);
  const span = found && isSpanContextValid(found) ? found : undefined;
  return { trace_id: span?.traceId, span_id: span?.spanId, correlation_id: correlationId(active) };
}

/** Readable lines on a developer's terminal; everywhere else JSON, written without blocking. */
export async function logDestination(env: Environment): Promise<DestinationStream> {
  if (env.NODE_ENV !== 'development' || !process.stdout.isTTY) return pino.destination({ dest: 1, sync: false });
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    singleLine: true,
    ignore: 'pid,hostname,service,version,trace_id,span_id,method,path,route,status',
    messageFormat: '{if method}{method} {path} {status} {end}{msg}',
  });
}
