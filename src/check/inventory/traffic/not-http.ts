import type { ServicePort } from '../kubernetes/types.ts';
import { wellKnownPorts } from '../technologies/ports.ts';
import { words } from '../technologies/words.ts';

/** What a port is called whose protocol no gateway for HTTP can carry. */
const protocols = new Set(
  words(`dns domain smtp smtps submission imap imaps pop3 pop3s ldap ldaps ssh sftp ftp ftps tftp telnet mqtt mqtts coap sip sips rtsp rtmp
    rtp stun turn turns ntp snmp syslog radius irc ircs xmpp rdp vnc wireguard openvpn ipsec smb nfs rsync git-ssh game minecraft amqp amqps
    kafka nats redis mysql postgres postgresql mongo mongodb`),
);
/** Ports of such protocols (IANA registrations and the projects' defaults). */
const numbers = new Set([
  21, 22, 23, 25, 53, 69, 110, 111, 123, 137, 138, 139, 143, 161, 162, 389, 445, 465, 500, 514, 554, 587, 636, 873, 989, 990, 993, 995,
  1194, 1701, 1723, 1812, 1813, 1883, 1935, 2049, 3389, 3478, 4500, 5060, 5061, 5222, 5269, 5349, 5683, 5900, 6514, 6667, 6697, 8554, 8883,
  25565, 27015, 51820,
]); // biome-ignore format: a list of numbers
/** On these HTTP is spoken, also over UDP (HTTP/3). */
const http = new Set([80, 443, 3000, 5000, 8000, 8080, 8443]);

/** True where it carries what an Ingress or an HTTPRoute cannot: datagrams, mail, names, games. */
export function isNotHttp({ name, port, targetPort, protocol, appProtocol }: Partial<ServicePort>): boolean {
  const given = [port, targetPort].map(Number).filter(Number.isFinite);
  const spoken = appProtocol?.replace(/^[a-z0-9.-]+\//, '').toLowerCase();
  if (spoken !== undefined && /^(https?|http2|h2c?|grpc(-web)?|wss?)$/.test(spoken)) return false;
  if (given.some((number) => http.has(number))) return false;
  if (protocol === 'UDP' || protocol === 'SCTP') return true;
  const called = [spoken, name, name?.split('-', 1)[0]];
  return (
    called.some((word) => word !== undefined && protocols.has(word)) ||
    given.some((number) => numbers.has(number) || wellKnownPorts.has(number))
  );
}
