import { Resolver } from 'node:dns';
import { defineSettings, field, text } from '../platform/settings.ts';

export default defineSettings({
  accountFolder: text('DISCOVERY_ACCOUNT_FOLDER', {
    what: 'folder with token, ca.crt and namespace of the pod',
    default: '/var/run/secrets/kubernetes.io/serviceaccount',
  }),
  dnsServers: field<readonly string[]>(
    'DISCOVERY_DNS_SERVERS',
    { what: 'name servers to ask, separated by commas; those of the system unless given', default: [] },
    (raw) => {
      const servers = raw.split(',').map((server) => server.trim());
      try {
        new Resolver().setServers(servers);
      } catch {
        throw new Error('IP addresses, with a port where it is not 53, such as 127.0.0.1:8600');
      }
      return servers;
    },
  ),
});
