/**
 * One id as a part of a path. An empty one would ask for the whole collection; as a dot it is refused like every step
 * out of it.
 */
export const step = (id: string | number | boolean | null | undefined): string => encodeURIComponent(id ?? '') || '.';

/** A path with ids in it, each encoded: path`/v1/orders/${id}`. */
export const path = (parts: TemplateStringsArray, ...ids: readonly string[]): string =>
  String.raw({ raw: parts.raw }, ...ids.map(step));

// What URL takes for a step, also where it is encoded: https://url.spec.whatwg.org/#double-dot-path-segment
const steps = /[/\\](\.|%2e){1,2}([/\\?#]|$)/i;

/** Where a path of a service leads. @returns undefined where that is not below the service's own address. */
export function addressBelow(base: URL, target: string): URL | undefined {
  if (!/^\/(?![/\\])/.test(target) || steps.test(target)) return undefined;
  return new URL(`${base.origin}${base.pathname.replace(/\/$/, '')}${target}`);
}
