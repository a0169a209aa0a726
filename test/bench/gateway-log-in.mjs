// Copied into a generated gateway and run there with tsx: a real Redis, and the OpenID provider of its tests. Tells where
// they are and the settings of a client, then for each address of a gateway the cookie of somebody who has logged in there.
import { logIn, loginSettings, startLoginProvider } from './test/support/login-provider.ts';
import { redisFor } from './test/support/redis.ts';

const stops = [];
const lifetime = { after: (stop) => stops.push(stop) };
const { issuer } = await startLoginProvider(lifetime);
const { url } = await redisFor(lifetime);
process.on('message', async (gateway) => process.send((await logIn(gateway)).cookie));
process.on('disconnect', async () => {
  for (const stop of stops) await stop();
  process.exit();
});
process.send({ ...loginSettings, AUTH_ISSUER: issuer, REDIS_URL: url });
