/** The other side answered, but not with success. */
export class StepError extends Error {
  override name = 'StepError';
  /** HTTP status; it decides whether another attempt makes sense. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export interface StepRequest {
  method: 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: unknown;
  /** Goes out as `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header). */
  key: string;
  signal: AbortSignal;
}

/**
 * One call of a saga step over HTTP; trace context and correlation id go along (src/platform/tracing/outgoing.ts). It does
 * not retry: the saga does, also over a crash.
 * @returns the JSON of the answer, undefined where there is none.
 */
export async function callStep<T>(address: string, { method, path, body, key, signal }: StepRequest): Promise<T> {
  const headers: Record<string, string> = { 'idempotency-key': `"${key}"` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(new URL(path, address), {
    method,
    headers,
    signal,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new StepError(`${method} ${path} was answered with ${response.status}`, response.status);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
