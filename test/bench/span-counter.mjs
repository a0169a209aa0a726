// An OTLP/HTTP receiver that counts server spans; tells its port, then answers every message with the count.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** Of a whole request or call: one that tells how it ended. */
const ends = ['http.response.status_code', 'rpc.grpc.status_code'];
let count = 0;
const server = createServer(async (request, response) => {
  const { resourceSpans } = JSON.parse(await text(request));
  for (const { scopeSpans } of resourceSpans)
    for (const { spans } of scopeSpans)
      count += spans.filter(
        ({ kind, attributes }) => kind === 2 && attributes.some(({ key }) => ends.includes(key)),
      ).length;
  response.end('{}');
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('message', () => process.send(count));
process.on('disconnect', () => process.exit());
