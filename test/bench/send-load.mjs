// send-load.mjs <url> <requests> <connections>: prints how many were answered with 200.
import http from 'node:http';

const [url = '', requests, connections] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(connections) });
let left = Number(requests);
let answered = 0;

const send = () =>
  new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      if (response.statusCode === 200) answered += 1;
      response.resume().on('end', resolve);
    });
    request.on('error', reject);
  });
const work = async () => {
  while (left-- > 0) await send();
};

await Promise.all(Array.from({ length: Number(connections) }, work));
agent.destroy();
console.log(answered);
