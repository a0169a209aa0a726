import type { Route } from './route.ts';

export type Found = { route: Route; rest: string } | { allowed: readonly string[] } | undefined;

/**
 * Exact before longest prefix, and never past it: where the longest fitting path is not for this method, a shorter one
 * must not answer in its place. Paths are compared without case and without a slash at the end, since some upstreams do.
 */
export class RouteTable {
  readonly #exact = new Map<string, Route[]>();
  readonly #below = new Map<string, Route[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const table = route.isExact ? this.#exact : this.#below;
      table.set(route.key, [...(table.get(route.key) ?? []), route]);
    }
  }

  /** @returns the route and what of the path comes after its key; or the methods that would do; or nothing. */
  find(method: string, path: string): Found {
    const isClosed = path.length > 1 && path.endsWith('/');
    const key = (isClosed ? path.slice(0, -1) : path).toLowerCase();
    const exact = this.#exact.get(key === '/' ? '' : key);
    if (exact) return choose(exact, method, isClosed ? '/' : '');
    for (let end = key === '/' ? 0 : key.length; end >= 0; end = key.lastIndexOf('/', end - 1)) {
      const routes = this.#below.get(key.slice(0, end));
      if (routes) return choose(routes, method, path.slice(end));
      if (end === 0) break;
    }
    return undefined;
  }
}

function choose(routes: readonly Route[], method: string, rest: string): Found {
  const route = routes.find(({ methods }) => !methods || methods.has(method));
  return route ? { route, rest } : { allowed: routes.flatMap(({ methods }) => [...(methods ?? [])]) };
}

/** Where the upstream gets it. */
export function upstreamPath({ rewrite }: Route, path: string, rest: string): string {
  return rewrite === undefined ? path : `${rewrite}${rest}` || '/';
}
