import { request } from 'node:http';

/** A key and the text under it. */
export type Entry = readonly [key: string, value: string];

/** etcd takes 128 operations in one transaction. */
const together = 100;
const inFlight = 4;

/** Puts entries straight into etcd, over the JSON gateway that it serves beside its own protocol. */
export async function putAll(etcd: string, entries: Iterable<Entry>): Promise<number> {
  const source = entries[Symbol.iterator]();
  let written = 0;
  const worker = async (): Promise<void> => {
    for (let batch = take(source); batch.length > 0; batch = take(source)) {
      await put(etcd, batch);
      written += batch.length;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return written;
}

function take(source: Iterator<Entry>): Entry[] {
  const batch: Entry[] = [];
  while (batch.length < together) {
    const next = source.next();
    if (next.done) break;
    batch.push(next.value);
  }
  return batch;
}

function put(etcd: string, batch: readonly Entry[]): Promise<void> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const success = batch.map(([key, value]) => ({ requestPut: { key: base64(key), value: base64(value) } }));
  return new Promise((resolve, reject) => {
    const sent = request(`${etcd}/v3/kv/txn`, { method: 'POST' }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () =>
        answer.statusCode === 200 && JSON.parse(text).succeeded
          ? resolve()
          : reject(new Error(`etcd answered ${answer.statusCode}: ${text.slice(0, 300)}`)),
      );
    });
    sent.on('error', reject);
    sent.end(JSON.stringify({ success }));
  });
}
