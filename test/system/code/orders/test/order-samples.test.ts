import order from '../src/aggregates/order/order.ts';
import { readSamples } from './support/samples.ts';

// One of each version of each event, as it was written. A line that is here stays; that of the next version goes behind it.
readSamples(order, {
  Opened: [{ sku: 'book', quantity: 1, cents: 500 }],
  Confirmed: [{}],
  Cancelled: [{}],
});
