import { readFileSync } from 'node:fs';
import { type ChannelCredentials, type ChannelOptions, Client, credentials } from '@grpc/grpc-js';
import { peersOption, policy } from './balancer.ts';
import { Peers } from './peers.ts';
import type { RpcClientSettings } from './settings.ts';

/**
 * How calls are shared out. In grpc-js a wrong configuration is ignored without a word, and all calls go to one replica;
 * test/rpc-client-balance.test.ts sees where they go.
 */
const serviceConfig = JSON.stringify({ loadBalancingConfig: [{ [policy]: {} }] });

const optionsOf = ({ maxAnswerBytes }: RpcClientSettings, peers: Peers): ChannelOptions => ({
  'grpc.service_config': serviceConfig,
  [peersOption]: peers,
  // Or every look-up would ask DNS for a configuration too, as TXT.
  'grpc.service_config_disable_resolution': 1,
  // A proxy of the environment is for the internet.
  'grpc.enable_http_proxy': 0,
  'grpc.enable_channelz': 0,
  // Its own connections: a channel that takes over old ones would not look names up.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // Servers in Go, Java and C++ end a connection that asks more than once in five minutes while a stream says nothing.
  'grpc.keepalive_time_ms': 310_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.max_receive_message_length': maxAnswerBytes,
});

/**
 * Connections to all replicas of a service. A name is looked up when a channel is made and when a connection breaks, and
 * never while all goes well: so the channel is renewed after `connectionMaxAgeMs`, and calls under way end on the old one.
 */
export class Channel {
  /** Of all of its connections, the renewed ones too. */
  readonly peers = new Peers();
  readonly #settings: RpcClientSettings;
  readonly #open = new Set<Client>();
  readonly #users = new Map<Client, number>();
  #current: Client;
  #until: number;
  #trouble: string | undefined;
  #isClosed = false;

  /** @throws Error where the files of TLS are none: a service does not start with them */
  constructor(settings: RpcClientSettings) {
    this.#settings = settings;
    this.#current = this.#make();
    this.#until = performance.now() + settings.connectionMaxAgeMs;
  }

  /** Why the connections are not renewed: the files of TLS are none any more, and those of before are in use. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** The channel for one call; `release` it at its end. */
  acquire(): { client: Client; release: () => void } {
    const now = performance.now();
    if (now >= this.#until) this.#renew(now);
    const client = this.#current;
    this.#users.set(client, (this.#users.get(client) ?? 0) + 1);
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      const left = (this.#users.get(client) ?? 1) - 1;
      this.#users.set(client, left);
      if (left === 0 && (this.#isClosed || client !== this.#current)) this.#end(client);
    };
    return { client, release };
  }

  /** Calls under way end first. */
  close(): void {
    this.#isClosed = true;
    for (const client of this.#open) if (!this.#users.get(client)) this.#end(client);
  }

  #renew(now: number): void {
    this.#until = now + this.#settings.connectionMaxAgeMs;
    const old = this.#current;
    try {
      this.#current = this.#make();
      this.#trouble = undefined;
    } catch (error) {
      // Files that are renewed may not fit each other for a moment.
      this.#trouble = error instanceof Error ? error.message : String(error);
      return;
    }
    if (!this.#users.get(old)) this.#end(old);
  }

  #make(): Client {
    const { target } = this.#settings;
    const client = new Client(target.name, credentialsOf(this.#settings), optionsOf(this.#settings, this.peers));
    this.#open.add(client);
    return client;
  }

  #end(client: Client): void {
    this.#open.delete(client);
    this.#users.delete(client);
    client.close();
  }
}

/** Read when a channel is made, so that renewed files are taken up. @throws Error where they are none */
function credentialsOf({ target, caFile, certFile, keyFile }: RpcClientSettings): ChannelCredentials {
  if (!target.isSecure) return credentials.createInsecure();
  const read = (file: string | undefined) => (file ? readFileSync(file) : null);
  try {
    return credentials.createSsl(read(caFile), read(keyFile), read(certFile));
  } catch (error) {
    const files = [caFile, keyFile, certFile].filter(Boolean).join(', ');
    throw new Error(`TLS cannot be had from ${files}: ${(error as Error).message}`, { cause: error });
  }
}
