import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/** What a browser holds, from which both the place and the key of what is kept follow. Nobody else has either. */
export const newTicket = (): string => randomBytes(32).toString('base64url');
/** Characters of one. */
const ticketLength = 43;

/** Anybody may send a cookie of any length, and what was opened is remembered. */
export const mayBeTicket = (value: string): boolean => value.length > 0 && value.length <= ticketLength;

export interface Opened {
  /** Where it is kept: says nothing of the ticket. */
  id: string;
  key: Buffer;
}

const opened = new Map<string, Opened>();
/** Tickets that are remembered, because to derive a key anew for each request is dear. */
const most = 10_000;

export function openTicket(ticket: string): Opened {
  const known = opened.get(ticket);
  if (known) return known;
  const fresh = {
    id: createHash('sha256').update(`id:${ticket}`).digest('base64url'),
    key: Buffer.from(hkdfSync('sha256', ticket, '', 'session', 32)),
  };
  opened.set(ticket, fresh);
  if (opened.size > most) opened.delete(opened.keys().next().value as string);
  return fresh;
}

/** AES-256-GCM: nonce, tag and text as one. Bound to its place, so that none can be put into that of another. */
export function seal(value: unknown, { id, key }: Opened): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(id));
  const text = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
}

/** @returns undefined where it was sealed with another key, or changed. */
export function unseal(sealed: string, { id, key }: Opened): unknown {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(id));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString());
  } catch {
    return undefined;
  }
}
