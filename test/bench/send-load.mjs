// send-load.mjs <url> <requests> <connections> [body]: gets, or posts JSON; prints how many were answered with 200 or 201.
// LOAD_HEADERS: what each request has besides, as JSON.
import http from 'node:http';

const [url = '', requests, connections, body] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(connections) });
const given = JSON.parse(process.env.LOAD_HEADERS ?? '{}');
const headers = body === undefined ? given : { 'content-type': 'application/json', ...given };
const options = { method: body === undefined ? 'GET' : 'POST', headers };
let left = Number(requests);
let answered = 0;

const send = () =>
  new Promise((resolve, reject) => {
    const request = http.request(url, { agent, ...options }, (response) => {
      if (response.statusCode === 200 || response.statusCode === 201) answered += 1;
      response.resume().on('end', resolve);
    });
    request.on('error', reject).end(body);
  });
const work = async () => {
  while (left-- > 0) await send();
};

await Promise.all(Array.from({ length: Number(connections) }, work));
agent.destroy();
console.log(answered);
