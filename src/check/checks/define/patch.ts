import type { KubeObject } from '../../sources/snapshot.ts';

/** Read by YAML as something else than text. */
const meansMore = /^(?:true|false|yes|no|on|off|y|n|null|~|[-+.\d].*)$/i;

const scalar = (value: unknown): string =>
  typeof value === 'string' && (!/^[A-Za-z0-9/][\w./-]*$/.test(value) || meansMore.test(value))
    ? JSON.stringify(value)
    : String(value);

function lines(value: unknown): string[] {
  if (Array.isArray(value))
    return value.flatMap((item) => lines(item).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`)));
  if (typeof value !== 'object' || value === null) return [scalar(value)];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'object' && inner !== null
      ? [`${scalar(name)}:`, ...lines(inner).map((line) => `  ${line}`)]
      : [`${scalar(name)}: ${scalar(inner)}`],
  );
}

/** The part of an object that a fix changes, as YAML: `kubectl patch --patch-file` takes it, and so does a manifest. */
export const patchOf = (
  { apiVersion, kind, metadata }: KubeObject,
  change: Readonly<Record<string, unknown>>,
): string => {
  const { name, namespace } = metadata;
  const { metadata: more = {}, ...rest } = change as { metadata?: object };
  return lines({ apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}), ...more }, ...rest }).join(
    '\n',
  );
};
