/** An order as the business sees it. Plain data and functions: no HTTP and no storage here. */
export interface Order {
  id: string;
  customerId: string;
  items: readonly OrderItem[];
  status: 'placed';
  /** ISO 8601, UTC. */
  placedAt: string;
}

export interface OrderItem {
  sku: string;
  quantity: number;
}

export interface OrderRequest {
  customerId: string;
  items: readonly OrderItem[];
}

/** Id and time are handed in, so that the same call always gives the same order. */
export function placeOrder({ customerId, items }: OrderRequest, made: { id: string; at: Date }): Order {
  return { id: made.id, customerId, items: joinSameSku(items), status: 'placed', placedAt: made.at.toISOString() };
}

function joinSameSku(items: readonly OrderItem[]): OrderItem[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of items) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}
