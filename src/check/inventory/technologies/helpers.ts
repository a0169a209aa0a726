import { imageReference } from '../kubernetes/images.ts';
import { memoize } from '../memoize.ts';
import { meaningOfImage } from './images.ts';

/** Proxies that ask who comes, ways to a database, what brings files or settings: by the last part of the image's name. */
const helpers =
  /^(ose-)?(oauth2?[-_]?proxy|kube-rbac-proxy|keycloak-gatekeeper|gatekeeper|louketo-proxy|gogatekeeper|pomerium|vouch-proxy|authelia|auth-?proxy|aws-sigv4-proxy|ghostunnel|stunnel|cloudflared|tailscale|opa|opa-envoy|open-policy-agent|git-sync|configmap-reload|k8s-sidecar|.*config-reloader|consul-template|vault-agent|vault-k8s|cloud-?sql-proxy|gce-proxy|alloydb-auth-proxy|pgbouncer|pgpool|proxysql)$/;

const webServers = /^(nginx(-unprivileged)?|httpd|apache2?|caddy|haproxy|envoy|openresty|lighttpd)$/;

/** It stands beside an app or in front of it, and is no service where one is there. */
export const isHelperImage = (image: string | undefined): boolean => image !== undefined && readHelper(image);

const readHelper = memoize((image): boolean => {
  const { name } = imageReference(image);
  return helpers.test(name) || meaningOfImage(image)?.word === 'exporter' || /[-_]exporter$/.test(name);
});

/**
 * What a port that leads to it says: app: that it is the service · store: the same, where no app is reached too · perhaps:
 * less, since a web server, an agent or a part of a platform may only pass on what comes.
 */
export const weightOfImage = memoize((image): 'app' | 'store' | 'perhaps' => {
  const role = meaningOfImage(image)?.role;
  if (role === 'store' || role === 'broker') return 'store';
  return role === undefined && !webServers.test(imageReference(image).name) ? 'app' : 'perhaps';
});
