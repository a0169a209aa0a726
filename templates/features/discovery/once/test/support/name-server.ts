import { createSocket } from 'node:dgram';
import type { TestContext } from 'node:test';

/** Addresses (A or AAAA by their form), or what SRV records say; an empty list is a name without any. */
export type Zone = Record<string, { ttl: number; addresses: string[] } | { srv: { port: number; target: string }[] }>;

export interface NameServer {
  /** For `DISCOVERY_DNS_SERVERS`. */
  address: string;
  /** What it knows; every other name does not exist. */
  zone: Zone;
  /** While it is set every question is answered with SERVFAIL. */
  isBroken: boolean;
  /** Names it was asked for, with the type. */
  asked: string[];
}

const types = { A: 1, AAAA: 28, SRV: 33 } as const;
const noError = 0;
const serverFailure = 2;
const noSuchName = 3;

/** A real name server on 127.0.0.1 over UDP: as much of RFC 1035 and RFC 2782 as the tests need. */
export async function startNameServer(t: TestContext, zone: Zone): Promise<NameServer> {
  const server: NameServer = { address: '', zone, isBroken: false, asked: [] };
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = readQuestion(query);
    server.asked.push(`${name} ${Object.entries(types).find(([, number]) => number === type)?.[0]}`);
    const entry = server.zone[name];
    const records = entry && !server.isBroken ? recordsOf(entry, type) : [];
    const code = server.isBroken ? serverFailure : entry ? noError : noSuchName;
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    // An answer, by whom the zone belongs to, to one question.
    header.writeUInt16BE(0x8580 | code, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([header, query.subarray(12, end), ...records]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.after(() => socket.close());
  server.address = `127.0.0.1:${socket.address().port}`;
  return server;
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function recordsOf(entry: Zone[string], type: number): Buffer[] {
  if ('srv' in entry) return type === types.SRV ? entry.srv.map((one) => record(type, 30, srvData(one))) : [];
  const { ttl, addresses } = entry;
  return addresses
    .filter((address) => type === (address.includes(':') ? types.AAAA : types.A))
    .map((address) => record(type, ttl, addressData(address)));
}

function record(type: number, ttl: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // The name is the one of the question, at byte 12.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** Of IPv6 only what is written with all its groups. */
function addressData(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const groups = address.split(':').map((group) => Number.parseInt(group, 16));
  const data = Buffer.alloc(16);
  for (const [index, group] of groups.entries()) data.writeUInt16BE(group, index * 2);
  return data;
}

function srvData({ port, target }: { port: number; target: string }): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(port, 4);
  const labels = target.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  return Buffer.concat([head, ...labels, Buffer.from([0])]);
}
