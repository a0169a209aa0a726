// One of several instances of a service: prints its address, answers 503 where FAILING is set, leaves gracefully at SIGTERM.
import { createServer } from 'node:http';

let isLeaving = false;
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const headers = { 'content-type': 'application/json', ...(isLeaving && { connection: 'close' }) };
    response.writeHead(process.env.FAILING ? 503 : 200, headers).end('{"id":"1"}');
  });
});
server.keepAliveTimeout = 72_000;
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.once('SIGTERM', () => {
  isLeaving = true;
  server.close(() => process.exit(0));
});
