import type { Oddity } from './path.ts';

export const methods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const;

/** Requests that one client may make. */
export interface Rate {
  requests: number;
  perMs: number;
}

/** One entry of routes.yaml. */
export interface Route {
  /** As it is written, `/api/orders/*`: its name in logs, traces and metrics. */
  name: string;
  /** In small letters, without the star and the slash before it. */
  key: string;
  /** Only this path, not those below it. */
  isExact: boolean;
  /** Name of the upstream, as in Kubernetes. */
  service: string;
  /** Where it is, if not at its name. */
  url: URL | undefined;
  /** All where there are none. */
  methods: ReadonlySet<string> | undefined;
  auth: 'none' | 'token' | 'session' | 'any';
  scopes: readonly string[];
  /** What `key` becomes for the upstream. */
  rewrite: string | undefined;
  /** From the end of the request until the answer begins. */
  timeoutMs: number;
  /** For which a body may stand still, either way. */
  idleMs: number;
  retries: number;
  bodyBytes: number;
  rate: Rate | undefined;
  websocket: boolean;
  /** For which both ends of a WebSocket may be silent. */
  websocketIdleMs: number;
  /** Whether the upstream gets the caller's token. */
  token: 'pass' | 'exchange' | 'none';
  /** Whom an exchanged token is for. */
  audience: string;
  allow: ReadonlySet<Oddity>;
}

/** Which pages of other sites may call. */
export interface Cors {
  origins: ReadonlySet<string>;
  credentials: boolean;
  maxAgeS: number;
}

export interface Routes {
  routes: readonly Route[];
  cors: Cors | undefined;
}
