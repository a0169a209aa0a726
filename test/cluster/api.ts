import { Agent, request } from 'node:https';

/** How to reach the test's API server as its administrator. */
export interface Access {
  server: string;
  ca: string;
  token: string;
}

/** What the API server answered with a status of 400 or above. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: objects of every kind pass through; the tests know what they ask for.
export type Json = any;

/** A plain client for tests: independent of the code under test. */
export interface Api {
  access: Access;
  get(path: string, accept?: string): Promise<Json>;
  send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: Json, type?: string): Promise<Json>;
  /** Every object of a list, then every change until `signal` aborts; starts again when the server ends the watch. */
  watch(path: string, signal: AbortSignal, onEvent: (type: string, object: Json) => void): void;
  close(): void;
}

export function api(access: Access): Api {
  const agent = new Agent({ keepAlive: true, ca: access.ca, maxSockets: 32 });
  const json = 'application/json';
  const headers = { authorization: `Bearer ${access.token}`, accept: json, 'user-agent': 'kubelet' };

  const call = (method: string, path: string, body?: Json, type = json, accept = json): Promise<Json> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const sent = request(
        new URL(path, access.server),
        {
          method,
          agent,
          headers: {
            ...headers,
            accept,
            ...(text ? { 'content-type': type, 'content-length': Buffer.byteLength(text) } : {}),
          },
        },
        (answer) => {
          let received = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => {
            received += chunk;
          });
          answer.on('error', reject);
          answer.on('end', () => {
            const status = answer.statusCode ?? 0;
            if (status < 400) return resolve(parsed(received));
            reject(new ApiError(status, `${method} ${path}: ${status} ${parsed(received)?.message ?? received}`));
          });
        },
      );
      sent.on('error', reject);
      sent.end(text);
    });

  const watchOnce = (path: string, signal: AbortSignal, onEvent: (type: string, object: Json) => void): Promise<void> =>
    new Promise((resolve) => {
      const query = `${path.includes('?') ? '&' : '?'}watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;
      const sent = request(new URL(path + query, access.server), { agent, headers, signal }, (answer) => {
        let rest = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) {
            const event = JSON.parse(line);
            if (event.type !== 'BOOKMARK' && event.type !== 'ERROR') onEvent(event.type, event.object);
          }
        });
        answer.on('close', resolve);
        answer.on('error', () => resolve());
      });
      sent.on('error', () => resolve());
      sent.end();
    });

  return {
    access,
    get: (path, accept) => call('GET', path, undefined, undefined, accept),
    send: (method, path, body, type) => call(method, path, body, type),
    watch: async (path, signal, onEvent) => {
      while (!signal.aborted) {
        await watchOnce(path, signal, onEvent);
        // A server that is going away refuses at once: do not spin.
        if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    close: () => agent.destroy(),
  };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
