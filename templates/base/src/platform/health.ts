import { redactText } from './redact.ts';
import { within } from './within.ts';

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

export interface CheckResult {
  /** `unknown`: nothing has been seen of it yet. That counts neither way. */
  status: HealthStatus | 'unknown';
  /** Details for the person who looks: no secret, no address with a password. */
  [detail: string]: unknown;
}

export interface HealthReport {
  status: HealthStatus;
  checks: Record<string, CheckResult>;
  timestamp: string;
}

/** Resolves, maybe with a status and details, or throws where it is not well. The signal aborts at the timeout. */
export type HealthCheck = (signal: AbortSignal) => Promise<Partial<CheckResult> | undefined>;

interface CheckOptions {
  timeoutMs?: number;
  /** A critical check that fails makes the service unhealthy and not ready; another one only degraded. */
  critical?: boolean;
}

/** What the service depends on, each with a check. Features add theirs in their own plugin. */
export class Health {
  readonly #checks = new Map<string, { check: HealthCheck } & Required<CheckOptions>>();
  #running: Promise<HealthReport> | undefined;

  add(name: string, check: HealthCheck, { timeoutMs = 1_000, critical = true }: CheckOptions = {}): void {
    if (this.#checks.has(name)) throw new Error(`There already is a health check "${name}"`);
    this.#checks.set(name, { check, timeoutMs, critical });
  }

  has(name: string): boolean {
    return this.#checks.has(name);
  }

  /** Probes that come at the same time share one run, so that many of them cannot overload a dependency. */
  report(): Promise<HealthReport> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<HealthReport> {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, entry]) => [name, await runCheck(entry)] as const),
    );
    const checks = Object.fromEntries(results);
    return { status: worst(Object.values(checks)), checks, timestamp: new Date().toISOString() };
  }
}

async function runCheck({
  check,
  timeoutMs,
  critical,
}: { check: HealthCheck } & Required<CheckOptions>): Promise<CheckResult> {
  try {
    return { status: 'healthy', ...(await within(timeoutMs, check)) };
  } catch (error) {
    return {
      status: critical ? 'unhealthy' : 'degraded',
      error: redactText(error instanceof Error ? error.message : String(error)),
    };
  }
}

function worst(results: readonly CheckResult[]): HealthStatus {
  if (results.some(({ status }) => status === 'unhealthy')) return 'unhealthy';
  return results.some(({ status }) => status === 'degraded') ? 'degraded' : 'healthy';
}
