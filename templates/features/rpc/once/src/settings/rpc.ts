import { defineSettings, integer, isProduction, oneOf, SettingsError, text } from '../platform/settings.ts';

const read = defineSettings({
  port: integer('RPC_PORT', {
    what: 'port of gRPC',
    default: ({ NODE_ENV }) => (NODE_ENV === 'test' ? 0 : 50_051),
    max: 65_535,
  }),
  maxMessageBytes: integer('RPC_MAX_MESSAGE_BYTES', { what: 'of a message, in or out', default: 4_194_304, min: 1 }),
  // A client keeps to the replicas that were there when its connections began.
  connectionMaxAgeMs: integer('RPC_CONNECTION_MAX_AGE_MS', {
    what: 'after which a connection takes no more calls, so that new replicas get their share',
    default: 30_000,
    min: 1,
    // A longer timer would end at once, and every connection with it.
    max: 1_000_000_000,
  }),
  reflection: oneOf('RPC_REFLECTION', ['on', 'off'], {
    what: 'whether tools such as grpcurl may ask what there is',
    default: (env) => (isProduction(env) ? 'off' : 'on'),
  }),
  certFile: text<string | undefined>('RPC_TLS_CERT_FILE', {
    what: 'certificate of this service, for TLS',
    default: undefined,
  }),
  keyFile: text<string | undefined>('RPC_TLS_KEY_FILE', { what: 'key of that certificate', default: undefined }),
  clientCaFile: text<string | undefined>('RPC_TLS_CLIENT_CA_FILE', {
    what: 'who signs the certificates of callers, where they need one',
    default: undefined,
  }),
});

/** The gRPC server of this service. Its host is that of HTTP. @throws SettingsError where only a part of TLS is set */
const rpcSettings: typeof read = (env) => {
  const settings = read(env);
  const { certFile, keyFile, clientCaFile } = settings;
  // In the clear only where nothing says otherwise.
  if ((certFile || keyFile || clientCaFile) && !(certFile && keyFile))
    throw new SettingsError(['RPC_TLS_CERT_FILE and RPC_TLS_KEY_FILE are needed both: calls would go in the clear']);
  return settings;
};

export default rpcSettings;
