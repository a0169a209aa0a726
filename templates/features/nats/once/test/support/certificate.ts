import { generateKeyPairSync, sign } from 'node:crypto';

/** A DER value: https://www.itu.int/rec/T-REC-X.690 */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const written = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...written]), content]);
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const id = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const time = (at: Date): Buffer => der(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

const ed25519 = sequence(id('2b6570'));
const day = 24 * 60 * 60 * 1000;

/** A certificate of its own authority for localhost, valid for a day, with its key; both PEM. */
export function makeCertificate(): { certificate: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const name = sequence(der(0x31, sequence(id('550403'), der(0x0c, Buffer.from('test')))));
  const extensions = [
    // subjectAltName: a name (what NATS' client looks for where it is given an address); basicConstraints: an authority.
    sequence(id('551d11'), der(0x04, sequence(der(0x82, Buffer.from('localhost'))))),
    sequence(id('551d13'), der(0x04, sequence(der(0x01, Buffer.from([0xff]))))),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ed25519,
    name,
    sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + day))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.from([0]), sign(null, body, privateKey));
  const whole = sequence(body, ed25519, signature)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${whole}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
