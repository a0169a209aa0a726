import { defineSettings, integer } from '../platform/settings.ts';

export default defineSettings({
  pollMs: integer('PROJECTIONS_POLL_MS', {
    what: 'milliseconds between two looks for new events by a catch-up projection',
    default: 200,
    min: 1,
  }),
  batchSize: integer('PROJECTIONS_BATCH_SIZE', {
    what: 'events that a projection handles in one transaction',
    default: 500,
    min: 1,
  }),
});
