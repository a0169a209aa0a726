import { defineSettings, integer, isProduction, text } from '../platform/settings.ts';

export default defineSettings({
  servers: text<string>('NATS_URL', {
    what: 'addresses of the NATS servers, separated by commas; tls://… where they must be encrypted',
  }),
  user: text('NATS_USER', { what: 'user name at NATS', default: '' }),
  password: text('NATS_PASSWORD', { what: 'password at NATS', secret: true, default: '' }),
  token: text('NATS_TOKEN', { what: 'token for NATS, instead of user and password', secret: true, default: '' }),
  credentialsFile: text('NATS_CREDENTIALS_FILE', {
    what: 'path of a credentials file (user JWT and seed), instead of user and password; read at each connection',
    default: '',
  }),
  caFile: text('NATS_CA_FILE', { what: 'path of the certificates that NATS is trusted by', default: '' }),
  certFile: text('NATS_CERT_FILE', { what: 'path of the certificate by which NATS knows this service', default: '' }),
  keyFile: text('NATS_KEY_FILE', { what: 'path of the key of that certificate', default: '' }),
  replicas: integer('NATS_STREAM_REPLICAS', {
    what: 'servers that keep each event, in streams that this service makes; 1 is a choice that production has to make',
    default: (env) => (isProduction(env) ? 3 : 1),
    min: 1,
    max: 5,
  }),
  keepDays: integer('NATS_KEEP_DAYS', {
    what: 'days that an event can be read, in streams that this service makes',
    default: 30,
    min: 1,
  }),
});
