import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** A span as OTLP/HTTP carries it in JSON; kinds: 1 internal, 2 server, 3 client; status 2 is an error. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  status: { code?: number };
  attributes: Record<string, unknown>;
  /** What is said of the service itself. */
  resource: Record<string, unknown>;
  events: { name: string }[];
}

/** A real OpenTelemetry receiver (OTLP/HTTP, JSON) that keeps what it is sent. */
export async function startCollector(t: Pick<TestContext, 'after'>): Promise<{ url: string; spans: ReceivedSpan[] }> {
  const spans: ReceivedSpan[] = [];
  const server = createServer(async (request, response) => {
    const { resourceSpans } = JSON.parse(await text(request));
    for (const { resource, scopeSpans } of resourceSpans)
      for (const { spans: received } of scopeSpans)
        spans.push(...received.map((span: SentSpan) => readSpan(span, readAttributes(resource.attributes))));
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

type Attribute = { key: string; value: Record<string, unknown> };
type SentSpan = ReceivedSpan & { attributes: Attribute[] };

const readAttributes = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const readSpan = (span: SentSpan, resource: ReceivedSpan['resource']): ReceivedSpan => ({
  ...span,
  resource,
  attributes: readAttributes(span.attributes),
  events: span.events ?? [],
});
