const first = 3001;
const many = 900;

/**
 * A port for each name, where that service listens on a developer's machine. It follows from the name, so that two
 * branches that each add one do not give both the same.
 */
export function developmentPorts(names: readonly string[]): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of names) {
    let port = first + (hash(name) % many);
    while (taken.has(port)) port += 1;
    taken.add(port);
    ports.set(name, port);
  }
  return ports;
}

/** FNV-1a, 32 bits: a number that follows from every letter. */
const hash = (text: string): number =>
  [...text].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193) >>> 0, 0x811c9dc5);
