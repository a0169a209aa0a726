import diagnostics from 'node:diagnostics_channel';
import { context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { service } from '../../identity.ts';
import { recordError } from '../tracing/span.ts';

/** What ioredis tells of a command on its tracing channel; the same object at each stage. */
interface Command {
  command: string;
  database: number;
  serverAddress: string;
  serverPort: number | undefined;
  error?: Error;
}

const tracer = trace.getTracer(service.name, service.version);
const spans = new WeakMap<Command, Span>();
let watching = false;

/**
 * A client span for every command that belongs to a request or a job. Keys and values are left out: they may hold
 * personal data. Names follow OpenTelemetry's semantic conventions for Redis.
 */
export function watchRedisCommands(): void {
  if (watching) return;
  watching = true;
  const { start, error, asyncEnd } = diagnostics.tracingChannel('ioredis:command');
  start.subscribe((message) => open(message as Command));
  error.subscribe((message) => fail(message as Command));
  asyncEnd.subscribe((message) => spans.get(message as Command)?.end());
}

function open(command: Command): void {
  // Health checks have no parent, and nobody wants a trace of each.
  if (!trace.getSpan(context.active())) return;
  const name = command.command.toUpperCase();
  const span = tracer.startSpan(name, {
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'redis',
      'db.operation.name': name,
      'db.namespace': String(command.database),
      'server.address': command.serverAddress,
      'server.port': command.serverPort ?? 6379,
    },
  });
  spans.set(command, span);
}

function fail(command: Command): void {
  const span = spans.get(command);
  if (span && command.error) recordError(span, command.error);
}
