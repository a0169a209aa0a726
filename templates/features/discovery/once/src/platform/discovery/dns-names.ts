import { readFileSync } from 'node:fs';

/** What `resolv.conf` says of names that are not complete. */
export interface Search {
  domains: readonly string[];
  /** A name with that many dots is tried as it is first. */
  ndots: number;
}

/** `Resolver` takes every name for a complete one, and within Kubernetes few are written so (resolv.conf(5)). */
export function readSearch(file = '/etc/resolv.conf'): Search {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // No such file where the system keeps it elsewhere: then names have to be complete.
  }
  const words = (name: string) =>
    [...text.matchAll(new RegExp(`^\\s*${name}\\s+(.*)$`, 'gm'))].at(-1)?.[1]?.split(/\s+/);
  const ndots = words('options')
    ?.map((option) => /^ndots:(\d+)$/.exec(option)?.[1])
    .find(Boolean);
  return { domains: words('search')?.filter(Boolean) ?? [], ndots: Number(ndots ?? 1) };
}

/** In which order a name is tried. */
export function candidates(name: string, { domains, ndots }: Search): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const below = domains.map((domain) => `${name}.${domain.replace(/\.$/, '')}`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...below] : [...below, name];
}
