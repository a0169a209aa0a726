import { connectivityState, experimental } from '@grpc/grpc-js';
import type { Peers } from './peers.ts';

/** Its name in a service config. */
export const policy = 'well_ones_in_turn';

/** The option of a channel that holds its `Peers`; the prefix keeps it from the connections. */
export const peersOption = `${experimental.SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.peers`;

const roundRobin = experimental.selectLbConfigFromList([{ round_robin: {} }]) as experimental.TypedLoadBalancingConfig;

/**
 * Round robin of grpc-js that passes over instances which are left out. Its own outlier detection is not taken: a
 * NOT_FOUND is a failure to it, and an instance that never answers none until it was asked five times in a second.
 */
class Balancer implements experimental.LoadBalancer {
  readonly #child: experimental.ChildLoadBalancerHandler;
  #peers: Peers | undefined;

  constructor(helper: experimental.ChannelControlHelper) {
    const updateState: experimental.ChannelControlHelper['updateState'] = (state, picker, message) => {
      const peers = state === connectivityState.READY ? this.#peers : undefined;
      helper.updateState(state, peers ? passingOver(picker, peers) : picker, message);
    };
    const own = experimental.createChildChannelControlHelper(helper, { updateState });
    this.#child = new experimental.ChildLoadBalancerHandler(own);
  }

  updateAddressList(...[list, , options, note]: Parameters<experimental.LoadBalancer['updateAddressList']>): boolean {
    this.#peers = options[peersOption];
    if (list.ok) {
      const addresses = list.value.flatMap((endpoint) => endpoint.addresses);
      this.#peers?.listed(addresses.map(experimental.subchannelAddressToString));
    }
    return this.#child.updateAddressList(list, roundRobin, options, note);
  }

  exitIdle(): void {
    this.#child.exitIdle();
  }

  resetBackoff(): void {
    this.#child.resetBackoff();
  }

  destroy(): void {
    this.#child.destroy();
  }

  getTypeName(): string {
    return policy;
  }
}

const passingOver = (picker: experimental.Picker, peers: Peers): experimental.Picker => ({
  pick(args) {
    let picked = picker.pick(args);
    for (let others = peers.count; others > 0; others -= 1) {
      if (!picked.subchannel || peers.mayAsk(picked.subchannel.getAddress())) break;
      picked = picker.pick(args);
    }
    return picked;
  },
});

class Config implements experimental.TypedLoadBalancingConfig {
  static createFromJson = (): Config => new Config();
  getLoadBalancerName = (): string => policy;
  toJsonObject = (): object => ({ [policy]: {} });
}

experimental.registerLoadBalancerType(policy, Balancer, Config);
