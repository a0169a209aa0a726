import { Agent, request } from 'undici';
import type { Access } from './access.ts';
import type { EndpointSlice, Target } from './slices.ts';

/** The API server said no, or something that is none of its answers. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(`the API server answered ${status}: ${message}`);
    this.name = 'ApiError';
    this.status = status;
  }
}

export interface Event {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: EndpointSlice;
}

export interface SliceApi {
  /** All slices of the Service, and the version from which a watch goes on. */
  list(signal: AbortSignal): Promise<{ slices: EndpointSlice[]; version: string }>;
  /**
   * Every change after `version`, until the server ends the watch, which it does every few minutes. The first `undefined`
   * says that it has begun. @throws ApiError, 410 where the version is too old
   */
  watch(version: string, signal: AbortSignal): AsyncGenerator<Event | undefined>;
  close(): Promise<void>;
}

// Bookmarks come about once a minute: a connection without a word for longer is dead.
const silenceMs = 90_000;
const longestLine = 4_194_304;

/** The EndpointSlices of one Service, in HTTP as the API server speaks it (Kubernetes API concepts, "Efficient detection of changes"). */
export function sliceApi(
  { server, ca, token }: Access,
  { service, namespace }: Target,
  { watchSeconds = 240 }: { watchSeconds?: number } = {},
): SliceApi {
  const agent = new Agent({ connect: { ca, timeout: 5_000 }, headersTimeout: 10_000, bodyTimeout: silenceMs });
  const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`;
  const selector = `kubernetes.io/service-name=${service}`;

  async function ask(query: Record<string, string>, signal: AbortSignal) {
    const url = new URL(path, server);
    url.search = new URLSearchParams({ labelSelector: selector, ...query }).toString();
    const headers = { accept: 'application/json', authorization: `Bearer ${await token()}` };
    const { statusCode, body } = await request(url, { dispatcher: agent, headers, signal });
    if (statusCode === 200) return body;
    throw new ApiError(statusCode, messageOf(await body.text()));
  }

  return {
    async list(signal) {
      const body = await ask({}, signal);
      const { items, metadata } = (await body.json()) as {
        items: EndpointSlice[];
        metadata: { resourceVersion: string };
      };
      return { slices: items, version: metadata.resourceVersion };
    },

    async *watch(version, signal) {
      const query = { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(watchSeconds) };
      const body = await ask({ ...query, resourceVersion: version }, signal);
      yield undefined;
      try {
        for await (const line of linesOf(body)) yield eventIn(line);
      } catch (error) {
        // Broken off, or silent for too long: an end like any other. Whether there is a fault, the next watch finds out.
        if (!isOfConnection(error)) throw error;
      }
    },

    close: () => agent.destroy(),
  };
}

/** @throws ApiError where the event is an error: then the status is in it, after a 200. */
function eventIn(line: string): Event {
  const { type, object } = JSON.parse(line);
  if (type === 'ERROR') throw new ApiError(object?.code ?? 500, object?.message ?? 'an error without a message');
  return { type, object };
}

const isOfConnection = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException).code === 'string';

async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new ApiError(200, 'a line without an end');
    yield* lines.filter((line) => line !== '');
  }
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.slice(0, 200);
  }
}
