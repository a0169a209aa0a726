import { defineSettings, field } from '../platform/settings.ts';

export default defineSettings({
  registryAddress: field<URL | 'auto' | undefined>(
    'REGISTRY_ADDRESS',
    {
      what: 'address under which this instance registers itself for others; unless given, it does not',
      default: undefined,
    },
    (raw) => {
      if (raw === 'auto') return raw;
      const url = URL.parse(raw);
      if (url && /^https?:$/.test(url.protocol) && url.pathname === '/') return url;
      throw new Error('an http(s) address without a path, or auto (the first address of this machine)');
    },
  ),
});
