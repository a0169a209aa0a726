/** Replaces what nobody outside may read, and keeps what a judgement needs of it. */
export interface TextRedaction {
  /** A value under the name of its variable, field or key. */
  value(name: string, text: string): string;
  /** Words without a name: arguments, lines of configuration. */
  words(text: string): string;
  /** A name whose value is a secret, whatever it looks like. */
  isSecret(name: string): boolean;
  /** Equal texts give equal marks within one recording, and nobody can tell the text from its mark. */
  mark(text: string): string;
}

/** What the cluster's own Services make harmless: their names are in the recording anyway. */
export interface KnownServices {
  isHost(text: string): boolean;
  isPort(text: string): boolean;
}

const secretName =
  /pass(word|wd|phrase)?|secret(?!_?name|_?ref)|token|credential|api_?-?key|private|authorization|headers|cookie|_auth$|salt/i;
const switchName = /^OTEL_|^otel\.|sampl(er|ing)|enabled?$|disabled?$|^enable|^disable|propagat|reporting/i;
/** Whose logs Datadog's agent leaves out: patterns for names of namespaces, containers and images. */
const filterName = /^DD_(CONTAINER|AC)_(EXCLUDE|INCLUDE)(_LOGS)?$/;
const filter = /^(?:(?:kube_namespace|name|image):[\w.*^$/|()+-]{0,128}(?:\s+|$)){1,32}$/;
/** Fields that say what kind of thing a part of a configuration is, and how its parts are joined. */
const structureName =
  /^(@?type|name|kind|mode|match|tag|inputs?|outputs?|exporters|receivers|processors|connectors|extensions|providers?|providerName|protocol|@include)$/i;
const words = new Set(
  (
    'true false on off yes no none null always_on always_off parentbased_always_on parentbased_always_off ' +
    'traceidratio parentbased_traceidratio tracecontext baggage b3 otlp otlphttp otlp_http grpc http https http/protobuf http/json ' +
    'jaeger zipkin tempo debug logging stdout file null es elasticsearch opensearch loki kafka forward splunk datadog s3 ' +
    'gelf syslog tail grep keep drop keepequal dropequal drop_event drop_event: filelog file_log kubernetes cloudwatch_logs stackdriver azure vector fluentd nats prometheus batch ' +
    'proxy_pass grpc_pass reverse_proxy root alias try_files file_server frontend backend ' +
    '[output] [input] [filter] [service] [parser] </match> </source> </filter> </store> <store> <source>'
  ).split(' '),
);
/** Where one line of a configuration says what the rest of it is: `Name es`, `@type elasticsearch`, `Host search`. */
const leading =
  /^(@?type|name|match|host|hosts|port|url|uri|endpoint|tag|path|exclude_path|k8s-logging\.exclude|@include|<match|<filter|<label)$/i;

const address = /^([a-z][a-z0-9+.-]*(?::[a-z0-9+-]+)*:\/\/)(?:([^@/\s]*)@)?([^/?#\s]*)(.*)$/i;
/** A file that an agent of the node listens at: it says where, as a host does. */
const socketFile = /^unix:\/\/\/(var\/)?run\/[\w./-]{1,120}$/;
/** `dns:///orders:50051`: a name that a client of gRPC looks up. */
const grpcTarget = /^(?:dns|passthrough|xds|kubernetes|k8s):\/\/[^/\s@]*\/([^/\s@]+)$/i;
const sign = /^(?:[=:]|=>|:=)$/;
/** The part of a database that a URL names: two that differ are two. */
const schema = /[?&](?:options=-c(?:%20)?)?((?:current_?schema|schema|search_?path)(?:=|%3D))([\w.-]{1,64})/i;
const hostPort = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?:\d{1,5}$/i;
/** `$(HOST):$(PORT)`: says which other variable the value is made of. */
const reference = /^(?:\$[({]?[A-Za-z_]\w*(?:[)}][:.]?\d{0,5}|[:.]\d{0,5})?)+$/;
/** `$(ADDRESS)/orders`: an address that goes on. */
const begun = /^(\$\([A-Za-z_]\w*\)\/)(.+)$/s;
/** `a=b=c=…`: no setting is a setting of a setting so often. */
const endless = /^(?:["'([{<]*[-/]*[A-Za-z_][\w.[\]-]{0,63}=){9}/;
const flag = /^(?:--[A-Za-z][\w-]{1,40}|-[A-Za-z]|-javaagent:[\w./-]+)$/;
/** What loads tracing into a runtime. */
const agent = /^(?:@opentelemetry\/[\w./-]+|dd-trace[\w/-]*|newrelic|elastic-apm-node[\w/.-]*)$/;
/** What makes a gateway of a container: the program that is started. */
const gatewayProgram = /^(?:\/[\w.-]+)*\/?(?:envoy|krakend|express-gateway)$/;
/** `--tcp-services-configmap=$(POD_NAMESPACE)/tcp-services`: names an object. */
const objectName = /^(?:\$\(\w+\)|[a-z0-9-]+)\/[a-z0-9.-]+$/;
/** `shop/orders:8080`: a Service and its port. */
const servicePort = /^([a-z0-9-]+)\/([a-z0-9-]+):\d{1,5}$/;
const hostList = /^[a-z0-9.-]+(:\d{1,5})?(,[a-z0-9.-]+(:\d{1,5})?)+$/i;
/** `Server=db;Database=shop;Password=…`, as .NET and ODBC write it. */
const connectionString = /^[^=;\n]{1,64}=[^;\n]*(?:;[^=;\n]{1,64}=[^;\n]*)+;?$/;
/** Nothing else looks like it, whether such a Service is there or not. */
const clusterName = /^[a-z0-9-]+\.[a-z0-9-]+\.svc(?:\.[a-z0-9.-]+)?$/;
/** A variable that says itself that its value is an address. */
const hostName = /(^|[_.-])(host|hostname|server|addr|address)$/i;
/** `Server=tcp:db,1433`, `Data Source=db`, as connection strings of .NET name it. */
const serverName = /^(server|host|data ?source|addr|address|network ?address)$/i;
const serverPlace = /^(tcp:)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?([,:]\d{1,5})?$/;
const dnsName = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
/** Where the kubelet writes logs: names of pods, namespaces and containers, which are in the recording anyway. */
const logFiles = /^,?\/var\/log\/(?:pods|containers)\/[\w.*/?${}[\],-]{0,4096}$/;
/** The same as a tag of Fluentd's, after the name that it begins with. */
const logTag = /^[a-z]{1,40}\.var\.log\.(?:pods|containers)\.[\w*.-]{1,512}$/;
/** `'\.gz$'`: files that were packed away. */
const packed = /^\\{0,2}\.(?:gz|zip|bz2|xz|zst|tar|tgz)\$?$/;
/** What an agent's rules call where a line comes from. */
const originField = /^\$?\.?(?:__meta_kubernetes_\w{1,80}|kubernetes[.[][\w.[\]'"]{1,80}):?$/;
/** `Exclude_Path *_kube-system_*,*_monitoring_*` */
const globs = /^[\w.*/,-]{1,256}$/;
const plainWord = /^[\w.*/@,-]{1,63}$/;
const closing = new Set('"\')]}>,;');

export function textRedaction(mark: (text: string) => string, services: KnownServices): TextRedaction {
  const isHarmless = (text: string) =>
    words.has(text.toLowerCase()) ||
    sign.test(text) ||
    hostPort.test(text) ||
    reference.test(text) ||
    clusterName.test(text) ||
    services.isHost(text) ||
    services.isPort(text) ||
    logFiles.test(text) ||
    logTag.test(text) ||
    packed.test(text) ||
    originField.test(text) ||
    isServicePort(text);

  const isServicePort = (text: string): boolean => {
    const [, namespace, name] = servicePort.exec(text) ?? [];
    return name !== undefined && services.isHost(`${name}.${namespace}`);
  };

  const one = (token: string): string => {
    const start = /^["'([{<]*/.exec(token)?.[0].length ?? 0;
    let end = token.length;
    while (end > start && closing.has(token[end - 1] ?? '')) end--;
    if (end === start || words.has(token.toLowerCase())) return token;
    return token.slice(0, start) + bare(token.slice(start, end)) + token.slice(end);
  };

  const bare = (text: string): string => {
    if (isHarmless(text) || isHarmless(grpcTarget.exec(text)?.[1] ?? ' ')) return text;
    const url = address.exec(text);
    if (url) return socketFile.test(text) ? text : located(url);
    if (hostList.test(text) && text.split(',').every(isHarmless)) return text;
    const [, variable, path] = begun.exec(text) ?? [];
    if (variable && path) return variable + mark(path);
    const pair = /^([-/]*[A-Za-z_][\w.[\]-]{0,63})([=:])(?=[^=])(.+)$/s.exec(text);
    if (pair) {
      const [, name = '', sign = '', rest = ''] = pair;
      // "user:password" has no space after the colon, a field of YAML has: only "=" joins a name to its value here.
      if (sign === '=') return `${name}=${endless.test(rest) ? mark(rest) : value(name.replace(/^-+D?/, ''), rest)}`;
    }
    return flag.test(text) || agent.test(text) || gatewayProgram.test(text) ? text : mark(text);
  };

  /** Scheme and host stay; who, which path and what query become marks, so that two equal databases stay equal. */
  const located = ([, scheme = '', user, host = '', rest = '']: RegExpExecArray): string => {
    const path = rest.replace(/[?#].*$/s, '').replace(/\/+$/, '');
    // `jdbc:sqlserver://db:1433;user=sa;password=…`
    const [place = '', ...options] = host.split(';');
    const server = [place, ...options.map((option) => (option.includes('=') ? setting(option) : mark(option)))].join(
      ';',
    );
    const [, sign = '', name] = schema.exec(rest) ?? [];
    const query = name ? `?${sign}${mark(name)}` : '';
    return `${scheme}${user === undefined ? '' : `${mark(user)}@`}${server}${path === '' ? '' : `/${mark(path.slice(1))}`}${query}`;
  };

  /** Also under such a name an address leads somewhere. */
  const secret = (text: string): string => {
    const url = address.exec(text);
    return url ? located(url) : services.isHost(text.replace(/:\d+$/, '')) ? text : mark(text);
  };

  const value = (name: string, text: string): string => {
    if (text === '') return text;
    if (secretName.test(name)) return secret(text);
    if (switchName.test(name) && plainWord.test(text)) return text;
    if (filterName.test(name) && filter.test(text)) return text;
    if (structureName.test(name) && plainWord.test(text)) return text;
    if (hostName.test(name) && dnsName.test(text)) return text;
    if (serverName.test(name) && serverPlace.test(text)) return text;
    if (/-configmap(-tcp-services)?$/.test(name) && objectName.test(text)) return text;
    if (/(^|[_.-])port$/i.test(name) && /^\d{1,5}$/.test(text)) return text;
    return connectionString.test(text) ? text.split(';').map(setting).join(';') : wordsOf(text);
  };

  const setting = (text: string): string => {
    const [name = '', ...rest] = text.split('=');
    return rest.length === 0 ? text : `${name}=${value(name.trim(), rest.join('='))}`;
  };

  const line = (text: string): string => {
    // A comment says nothing to a judgement; that it is one does.
    if (/^\s*(#|\/\/|;)/.test(text)) return '#';
    const tokens = text.split(/(\s+)/);
    const first = tokens.findIndex((token) => token.trim() !== '');
    let name = '';
    return tokens
      .map((token, index) => {
        if (token.trim() === '') return token;
        const isName = /^["']?[A-Za-z_@][\w./@-]{0,63}["']?$/.test(token) && sign.test(tokens[index + 2] ?? '');
        if (index === first && (isName || leading.test(token) || /^["']?[A-Za-z_@][\w./@-]{0,63}["']?:$/.test(token))) {
          name = token.replace(/[:"']/g, '');
          // `name = "shop"` of a database is a value; no agent writes its parts' names so.
          if (isName && name === 'name') name = '';
          return tokens.length > first + 1 || token.endsWith(':') ? token : one(token);
        }
        if (name !== '' && secretName.test(name)) return secret(token);
        if (/^exclude_path$/i.test(name) && globs.test(token)) return token;
        if (name !== '' && structureName.test(name) && plainWord.test(token.replace(/[>"']/g, ''))) return token;
        return one(token);
      })
      .join('');
  };

  const wordsOf = (text: string): string => text.split('\n').map(line).join('\n');
  return { value, words: wordsOf, isSecret: (name) => secretName.test(name), mark };
}
