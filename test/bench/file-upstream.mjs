// Gives and takes files of 256 MiB, by GET and POST; tells where.
import { createServer } from 'node:http';

const length = 256 * 1_048_576;
const block = Buffer.alloc(65_536, 'x');
const server = createServer((request, response) => {
  if (request.method === 'POST') {
    let received = 0;
    request.on('data', (chunk) => {
      received += chunk.length;
    });
    request.on('end', () => response.end(String(received)));
    return;
  }
  let left = request.url === '/ready' ? 0 : length;
  response.writeHead(200, { 'content-length': left });
  const more = () => {
    while (left > 0) {
      left -= block.length;
      if (!response.write(block)) return;
    }
    response.end();
  };
  response.on('drain', more);
  more();
});
server.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}`));
process.on('disconnect', () => process.exit());
