// What people take who build a gateway on Fastify, and nothing else. Run in a folder that has it.
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.RIVAL}/`);
const fastify = require('fastify');
const proxy = require('@fastify/http-proxy');

const app = fastify();
app.register(proxy, { upstream: process.env.ORDERS_URL, prefix: '/api/orders', rewritePrefix: '/v1/orders' });
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
