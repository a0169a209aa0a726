// Copied into a generated gateway and run there: an upstream, and an issuer of tokens. Tells where they are, and a token.
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const order = JSON.stringify({ id: '7', customerId: 'c-1', items: [{ sku: 'tea', quantity: 2 }], status: 'placed' });
const listen = (answer) =>
  new Promise((resolve) => {
    const server = createServer(answer).listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${server.address().port}`);
    });
  });

const orders = await listen((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': order.length }).end(order);
});
const { publicKey, privateKey } = await generateKeyPair('ES256');
const keys = [{ ...(await exportJWK(publicKey)), kid: 'key', alg: 'ES256', use: 'sig' }];
const issuer = await listen(({ url }, response) => {
  const metadata = { issuer, jwks_uri: `${issuer}/keys` };
  response.end(JSON.stringify(url === '/keys' ? { keys } : metadata));
});
const token = await new SignJWT({ scope: 'orders:read' })
  .setProtectedHeader({ alg: 'ES256', kid: 'key' })
  .setIssuer(issuer)
  .setAudience('order-service')
  .setSubject('bench')
  .setExpirationTime('1h')
  .sign(privateKey);
process.send({ orders, issuer, token });
