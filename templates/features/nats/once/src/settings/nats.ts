import { defineSettings, integer, text } from '../platform/settings.ts';

export default defineSettings({
  servers: text<string>('NATS_URL', { what: 'addresses of the NATS servers, separated by commas' }),
  user: text('NATS_USER', { what: 'user name at NATS', default: '' }),
  password: text('NATS_PASSWORD', { what: 'password at NATS', secret: true, default: '' }),
  token: text('NATS_TOKEN', { what: 'token for NATS, instead of user and password', secret: true, default: '' }),
  replicas: integer('NATS_STREAM_REPLICAS', {
    what: 'copies of each event, in streams that this service makes (3 in production)',
    default: 1,
    min: 1,
    max: 5,
  }),
  keepDays: integer('NATS_KEEP_DAYS', {
    what: 'days that an event can be read, in streams that this service makes',
    default: 30,
    min: 1,
  }),
});
