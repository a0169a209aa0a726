import { isIP } from 'node:net';

/** Where a service is. */
export interface Target {
  /** As grpc-js takes it: `dns:///inventory-rpc:50051`, of which every address gets its share. */
  name: string;
  isSecure: boolean;
}

const expected = 'grpc://host:port or grpcs://host:port; several, where they are IP addresses, separated by commas';

/** In the clear only where it says so: `grpc://inventory-rpc:50051`. @throws Error that says what was expected */
export function parseTarget(raw: string): Target {
  const urls = raw.split(',').map((part) => parseOne(part.trim()));
  const [first] = urls;
  if (!first || urls.some(({ protocol }) => protocol !== first.protocol)) throw new Error(expected);
  const hosts = urls.map(({ hostname, port }) => ({ host: hostname.replace(/^\[|\]$/g, ''), port }));
  const family = isIP(hosts[0]?.host ?? '');
  const isList = family !== 0 && hosts.every(({ host }) => isIP(host) === family);
  if (hosts.length > 1 && !isList) throw new Error(expected);
  const list = hosts.map(({ host, port }) => (family === 6 ? `[${host}]:${port}` : `${host}:${port}`)).join(',');
  return { name: `${family === 0 ? 'dns:///' : `ipv${family}:`}${list}`, isSecure: first.protocol === 'grpcs:' };
}

function parseOne(part: string): URL {
  const url = URL.parse(part);
  const isOne = url && /^grpcs?:$/.test(url.protocol) && url.hostname !== '' && url.port !== '' && url.port !== '0';
  if (!isOne || /[^/]/.test(url.pathname) || url.username || url.search || url.hash) throw new Error(expected);
  return url;
}
