// What the saga bench compares with: the same three steps written directly on DBOS, without compensations, spans, leases.
import { DBOS } from '@dbos-inc/dbos-sdk';
import { fastify } from 'fastify';
import pg from 'pg';

const { DATABASE_URL, PORT, REMOTE_URL } = process.env;

async function call(step, id, input) {
  const response = await fetch(`${REMOTE_URL}/${step}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `"${id}:${step}"` },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(`${step} was answered with ${response.status}`);
  return response.json();
}

const step = (name, id, input) =>
  DBOS.runStep(() => call(name, id, input), { name, retriesAllowed: true, maxAttempts: 5, intervalSeconds: 0.5 });

const placeOrder = DBOS.registerWorkflow(
  async (input) => {
    const id = DBOS.workflowID;
    const reservation = await step('reserve-inventory', id, input);
    const payment = await step('charge-payment', id, input);
    return { reservation, payment, order: await step('create-order', id, input) };
  },
  { name: 'place-order' },
);

DBOS.setConfig({
  name: 'direct',
  systemDatabaseUrl: DATABASE_URL,
  systemDatabasePool: new pg.Pool({ connectionString: DATABASE_URL, max: 10 }),
  useListenNotify: false,
  applicationVersion: '1',
  logLevel: 'error',
});
await DBOS.launch();

const app = fastify();
app.get('/health/ready', async () => ({}));
app.put('/v1/place-order/:id', async ({ params: { id }, body }, reply) => {
  await DBOS.startWorkflow(placeOrder, { workflowID: id })(body);
  return reply.code(202).send({ id });
});
await app.listen({ host: '127.0.0.1', port: Number(PORT) });
