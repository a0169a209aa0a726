import { imageReference } from '../kubernetes/images.ts';
import { memoize } from '../memoize.ts';

const languages =
  'node|python|pypy|ruby|php|perl|golang|rust|openjdk|jdk|jre|java|eclipse-temurin|amazoncorretto|zulu-openjdk|graalvm(-[a-z]+)*|ibm-semeru-runtimes|dotnet|aspnet|runtime|sdk|deno|bun|elixir|erlang';
const servers =
  'tomcat|jetty|wildfly|payara(-[a-z]+)?|websphere-liberty|open-liberty|nginx(-unprivileged)?|httpd|caddy|openresty';
const systems = 'busybox|alpine|ubuntu|debian|fedora|bash|curl|base|static|ubi\\d*(-[\\w.-]+)?';
/** `nodejs22-debian12` of distroless images. */
const bare = '(nodejs|java|python3|cc|base|static)\\d*(-base)?(-nossl)?-debian\\d+';

const runtimes = new RegExp(`^(${[languages, servers, systems, bare].join('|')})$`);

/** True where an image holds a language or a server, and the program comes from elsewhere: two may well have it in common. */
export const isRuntime = memoize((image): boolean => runtimes.test(imageReference(image).name));
