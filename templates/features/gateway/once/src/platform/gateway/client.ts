import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Client } from './headers.ts';

/** Proxies in front of this gateway, whose word is taken for who asks: addresses and ranges (`10.0.0.0/8`). */
export class TrustedProxies {
  readonly #list = new BlockList();
  readonly #any: boolean;

  /** @throws where one of them is neither */
  constructor(ranges: readonly string[]) {
    this.#any = ranges.length > 0;
    for (const range of ranges) {
      const [address = '', bits] = range.split('/');
      const family = isIP(address);
      if (family === 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits)))
        throw new Error('addresses or ranges, such as 10.0.0.0/8');
      const name = family === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#list.addAddress(address, name);
      else this.#list.addSubnet(address, Number(bits), name);
    }
  }

  /** Who asks: the last address that no trusted proxy vouches for. Whatever stands before it anybody may have written. */
  clientOf({ socket, headers }: IncomingMessage): Client {
    let address = plainAddress(socket.remoteAddress ?? '');
    const host = headers.host ?? '';
    if (!this.#any || !this.#has(address)) return { address, protocol: 'http', host };
    const hops = String(headers['x-forwarded-for'] ?? '').split(',');
    for (const hop of hops.reverse()) {
      const before = plainAddress(withoutPort(hop.trim()));
      if (isIP(before) === 0) break;
      address = before;
      if (!this.#has(address)) break;
    }
    const protocol = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
    return { address, protocol, host: plainHost(headers['x-forwarded-host']) ?? host };
  }

  #has(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** An IPv4 address as a socket for both families has it. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');

/** Some proxies write it along: `203.0.113.9:4711`, `[2001:db8::1]:4711`. */
const withoutPort = (hop: string): string => {
  const [, six, four] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(hop) ?? [];
  return six ?? four ?? hop;
};

/** Whoever has one IPv6 address has the 2^64 of its network, so a new one for each request. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [before = '', after] = address.split('::');
  const groupsOf = (text: string) => text.split(':').filter(Boolean);
  const [first, last] = [groupsOf(before), groupsOf(after ?? '')];
  const left = after === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  return [...first, ...Array<string>(left).fill('0'), ...last].slice(0, 4).join(':');
}

const plainHost = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w.:[\]-]{1,255}$/.test(value) ? value : undefined;
