/** What some upstreams read in another way than others. Refused, unless a route allows it (`allow` in routes.yaml). */
export const oddities = ['encoded-slash', 'semicolon', 'empty-segment', 'double-encoding'] as const;
export type Oddity = (typeof oddities)[number];

export interface Target {
  /** Unreserved characters stand for themselves, other escapes are in capitals. Sent on, as it is matched. */
  path: string;
  /** From the question mark on, or empty. */
  query: string;
  oddities: readonly Oddity[];
}

// Most paths: nothing in them can be read in two ways, where no segment is empty or begins with a dot.
const plain = /^\/[\w\-.~!$&'()*+,=:@/]*$/;
// Characters of a path (RFC 3986, 3.3), and those that browsers send without an escape.
const wellFormed = /^\/(?:[\w\-.~!$&'()*+,;=:@/|^[\]]|%[0-9a-f]{2})*$/i;

/**
 * The one reading of a request's target. What chooses the route and what the upstream gets are the same text: two
 * readings of one path are how rules are got around.
 *
 * @returns undefined where it is refused: dot segments in any writing, NUL and other control characters, backslashes,
 * broken escapes, text that is no UTF-8, a space at the end of a segment, an address instead of a path
 */
export function readTarget(target: string): Target | undefined {
  const mark = target.indexOf('?');
  const raw = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark);
  if (query.includes('#')) return undefined;
  if (plain.test(raw) && !raw.includes('//') && !raw.includes('/.')) return { path: raw, query, oddities: [] };
  if (!wellFormed.test(raw)) return undefined;
  const path = raw.replace(/%[0-9a-f]{2}/gi, normalEscape);
  return isRefused(path) ? undefined : { path, query, oddities: oddities.filter((oddity) => shows[oddity].test(path)) };
}

/** Escapes of unreserved characters mean nothing (RFC 3986, 6.2.2.2). */
function normalEscape(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return /[\w\-.~]/.test(character) ? character : escaped.toUpperCase();
}

const shows: Record<Oddity, RegExp> = {
  'encoded-slash': /%2F/,
  semicolon: /;|%3B/,
  'empty-segment': /\/\//,
  'double-encoding': /%25[0-9a-f]{2}/i,
};

/** In whatever way an upstream cuts it: at a semicolon, at an escaped slash, after decoding once more. */
function isRefused(path: string): boolean {
  if (/%(?:[01][0-9A-F]|7F|5C)/.test(path)) return true;
  const segments = path.split(/\/|%2F/);
  if (segments.some((segment) => /^\.{1,2}$/.test(segment.replace(/(?:;|%3B).*$/, '')))) return true;
  if (segments.some((segment) => segment.endsWith('%20'))) return true;
  try {
    decodeURIComponent(path);
    return /%25(?:[01][0-9a-f]|2e|5c|7f)/i.test(path);
  } catch {
    return true;
  }
}
