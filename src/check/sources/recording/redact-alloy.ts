import type { TextRedaction } from './redact-text.ts';

const component = /(?:^|\n)[ \t]*(?:loki|otelcol|discovery|prometheus|local|remote)(?:\.\w+)+[ \t]+"\w+"[ \t]*\{/;

/** Grafana Alloy's own language: `loki.write "store" { … }`. */
export const isAlloy = (content: string): boolean => component.test(content);

/** Names of components and references to them, which say how the parts are joined. */
const joins = /^(?:loki|otelcol|discovery)(?:\.\w{1,63}){1,5}$/;
const language = new Set(
  (
    'forward_to output logs traces metrics grpc http protocols client endpoint url brokers host targets namespaces names ' +
    'own_namespace selectors role field label rule action source_labels stage.match true false env sys.env coalesce constants.hostname'
  ).split(' '),
);
/** Texts that say which pods are looked at. */
const structural = /^(spec\.nodeName=?|__meta_kubernetes_\w{1,60})$/;

/** Where a text or comment that begins at an index ends: what lies behind it is the language's own again. */
function quotedEnd(content: string, index: number): number | undefined {
  const two = content.slice(index, index + 2);
  const close = two === '//' ? '\n' : two === '/*' ? '*/' : content[index] === '`' ? '`' : undefined;
  if (close !== undefined) {
    const end = content.indexOf(close, index + (two === '/*' ? 2 : 1));
    return end < 0 ? content.length : end + close.length;
  }
  if (content[index] !== '"') return undefined;
  let end = index + 1;
  while (end < content.length && content[end] !== '"' && content[end] !== '\n') end += content[end] === '\\' ? 2 : 1;
  return Math.min(end + 1, content.length);
}

/** Everything is redacted but the words that say how components are joined; a text is under the name before it. */
export function redactAlloy(content: string, text: TextRedaction): string {
  const parts: string[] = [];
  let name = '';
  let list = '';
  for (let index = 0; index < content.length; ) {
    const end = quotedEnd(content, index);
    const word = end === undefined ? (/^[A-Za-z_][\w.]*|^\d+/.exec(content.slice(index, index + 512))?.[0] ?? '') : '';
    if (end !== undefined) {
      parts.push(quoted(content.slice(index, end), name, list, text));
      index = end;
    } else if (word !== '') {
      name = word;
      parts.push(joins.test(word) || language.has(word) ? word : text.mark(word));
      index += word.length;
    } else {
      const sign = content[index] ?? '';
      if (sign === '[') list = name;
      if (sign === ']') list = '';
      parts.push(/[\s{}[\](),=+]/.test(sign) ? sign : ' ');
      index++;
    }
  }
  return parts.join('');
}

function quoted(part: string, name: string, list: string, text: TextRedaction): string {
  if (part.startsWith('/')) return part.endsWith('\n') ? '\n' : ' ';
  const inner = part.slice(1, -1);
  const isLabel = joins.test(name) && list === '' && /^\w{1,63}$/.test(inner);
  const isName = (/^(sys\.)?env$/.test(name) || list === 'names') && /^[\w.-]{1,63}$/.test(inner);
  if (part.startsWith('"') && (isLabel || isName || structural.test(inner))) return part;
  return `"${part.startsWith('`') ? text.mark(inner) : text.value(name, inner)}"`;
}
