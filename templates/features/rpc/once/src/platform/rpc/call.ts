import type { Metadata } from '@grpc/grpc-js';
import { OpenRequest } from '../open-request.ts';

/** A call as its handler sees it. */
export interface Call {
  /** Aborts when the caller hangs up, or has waited for as long as it said. */
  readonly signal: AbortSignal;
  /** Milliseconds that the caller goes on waiting; Infinity where it did not say. */
  readonly timeLeft: number;
  /** Aborts when this service is about to leave: what streams without an end ends now, or is cut off later. */
  readonly leaving: AbortSignal;
  /** What the caller sent beside its message. */
  readonly metadata: Metadata;
  /** `/inventory.v1.InventoryService/GetItem` */
  readonly path: string;
}

/**
 * A call that came in. HTTP clients and whatever else asks `whoWaits` find its deadline and its signal in the context.
 */
export class ServerCall extends OpenRequest implements Call {
  readonly path: string;
  readonly metadata: Metadata;
  readonly leaving: AbortSignal;

  constructor(
    correlationId: string,
    { path, metadata, deadline }: { path: string; metadata: Metadata; deadline: number },
    leaving: AbortSignal,
  ) {
    super(correlationId, undefined);
    this.path = path;
    this.metadata = metadata;
    this.leaving = leaving;
    this.deadline = deadline;
  }

  get timeLeft(): number {
    return Math.max(0, this.deadline - performance.now());
  }
}
