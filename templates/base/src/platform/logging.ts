import { format } from 'node:util';
import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import { type DestinationStream, type LogFn, type Logger, pino, stdTimeFunctions } from 'pino';
import { service } from '../identity.ts';
import { correlationId } from './context.ts';
import { standardOutput } from './log-output.ts';
import { redact, redactText } from './redact.ts';
import type { Environment } from './settings.ts';

/**
 * JSON lines on stdout, collected by the platform. The ids come from the context at the moment of logging, so every
 * line of a request has them, also from code that never saw the request.
 */
export function createLogger(level: string, destination: DestinationStream): Logger {
  const logger = pino(
    {
      level,
      base: { service: service.name, version: service.version },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      hooks: { logMethod: redactMessage },
      // Nothing is left to do for them.
      serializers: { err: asItIs, req: asItIs, res: asItIs },
      mixin: contextIds,
    },
    destination,
  );
  // A child writes its fields down as it is made, and no formatter of its parent sees them.
  const { child } = logger;
  logger.child = function (this: Logger, fields: object, options?: object) {
    return child.call(this, redactFields(fields), options);
  } as typeof child;
  return logger;
}

const asItIs = (value: unknown): unknown => value;
const redactFields = (fields: object) => redact(fields) as Record<string, unknown>;

/** The text is put together before it is looked at, or a secret could stand between a format and its value. */
function redactMessage(this: Logger, args: unknown[], method: LogFn): void {
  const [fields, ...rest] = args;
  if (typeof fields === 'string') method.call(this, textOf(args));
  else method.call(this, fields as object, rest.length > 0 ? textOf(rest) : errorText(fields));
}

/** What pino would take for the text of an error's line. */
function errorText(fields: unknown): string | undefined {
  const error = fields instanceof Error ? fields : (fields as { err?: unknown } | null)?.err;
  return error instanceof Error ? redactText(error.message) : undefined;
}

const textOf = ([text, ...values]: unknown[]): string => redactText(format(text, ...values.map(redact)));

function contextIds(): Record<string, string | undefined> {
  const active = context.active();
  const found = trace.getSpanContext(active);
  const span = found && isSpanContextValid(found) ? found : undefined;
  return { trace_id: span?.traceId, span_id: span?.spanId, correlation_id: correlationId(active) };
}

/** Readable lines on a developer's terminal; everywhere else JSON, written without blocking. */
export async function logDestination(env: Environment): Promise<DestinationStream> {
  if (env.NODE_ENV !== 'development' || !process.stdout.isTTY) return standardOutput();
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    singleLine: true,
    ignore: 'pid,hostname,service,version,trace_id,span_id,method,path,route,status',
    messageFormat: '{if method}{method} {path} {status} {end}{msg}',
  });
}
