import { mutantsOf } from '../mutant.ts';

const folder = 'src/platform/events';

export const events = [
  ...mutantsOf(`${folder}/relay.ts`, [
    {
      from: 'if (!turn.rows[0]?.ours) return false;',
      to: '',
      harm: 'the relays of all replicas send at once',
      tests: ['outbox.test'],
    },
    {
      from: "log.warn({ err: error, subject }, 'events cannot be sent yet; they wait in the outbox');\n          return;",
      to: "log.warn({ err: error, subject }, 'events cannot be sent yet; they wait in the outbox');\n          sent.push(id);\n          return;",
      harm: 'rows are deleted that the broker did not take',
      tests: ['outbox.test'],
    },
    {
      from: 'closeGap(row, gaps);',
      to: '',
      harm: 'readers wait for an event that is parked',
      tests: ['outbox.test'],
    },
    {
      from: 'parked.push({ id, reason: error.message.slice(0, 1_000) });',
      to: 'sent.push(id);',
      harm: 'what the broker refuses is lost',
      tests: ['outbox.test'],
    },
    {
      from: 'row.key === null ? row.id :',
      to: 'row.key !== undefined ? row.id :',
      harm: 'the events of a key are sent side by side',
      tests: ['outbox.test'],
    },
  ]),
  ...mutantsOf(`${folder}/pauses.ts`, [
    {
      from: 'until > performance.now()).map',
      to: 'until < 0).map',
      harm: 'a subject that no stream takes fills every batch',
      tests: ['outbox.test'],
    },
  ]),
  ...mutantsOf(`${folder}/outbox.ts`, [
    {
      from: 'if (id !== undefined && !(await isFirst(transaction, id))) return;',
      to: '',
      harm: 'a step that runs twice publishes twice',
      tests: ['outbox.test'],
    },
  ]),
  ...mutantsOf(`${folder}/parked.ts`, [
    {
      from: 'delete from outbox where parked_at is not null and id',
      to: 'delete from outbox where id',
      harm: 'an event that waits to be sent is dropped',
      tests: ['outbox-command'],
    },
  ]),
  ...mutantsOf(`${folder}/lanes.ts`, [
    {
      from: "const least = lane.state === 'busy' ? 1 : 0;",
      to: 'const least = 0;',
      harm: 'another event is taken for the one at work',
      tests: ['lanes'],
    },
    {
      from: '(lane.waiting.length >= most.paused || this.isFull)',
      to: 'this.isFull',
      harm: 'one key that fails takes all the room',
      tests: ['lanes'],
    },
    {
      from: "if (lane.state === 'paused' && place === 0) this.resume(lane);",
      to: '',
      harm: 'a key waits for the event that has just come',
      tests: ['lanes'],
    },
    {
      from: 'if (lane.waiting.length > 0) this.resume(lane);\n    else this.#end(lane);',
      to: 'this.#end(lane);',
      harm: 'those behind the first of a key are forgotten',
      tests: ['lanes'],
    },
    {
      from: 'this.#size -= item.size;',
      to: '',
      harm: 'a consumer that has handled 16 MB takes no more',
      tests: ['lanes'],
    },
  ]),
  ...mutantsOf(`${folder}/inbox.ts`, [
    {
      from: "if (place === 'early') throw new Early();",
      to: '',
      harm: 'an event overtakes the one before it',
      tests: ['inbox'],
    },
    {
      from: "if (place === 'duplicate') return 'duplicate';",
      to: '',
      harm: 'an event that comes twice has its effect twice',
      tests: ['inbox'],
    },
  ]),
  ...mutantsOf(`${folder}/early-events.ts`, [
    {
      from: 'if (!isTurn && floor < first.position - 1) continue;',
      to: '',
      harm: 'an event does not wait for the one before it that another replica has',
      tests: ['inbox'],
    },
  ]),
  ...mutantsOf(`${folder}/delivery.ts`, [
    {
      from: 'if (error instanceof InvalidEvent) return this.#deadLetter(error.message, attributes);',
      to: '',
      harm: 'what breaks its contract is tried for hours',
      tests: ['inbox'],
    },
    {
      from: 'if (attributes) await takeTurn(app.database, consumer, attributes);',
      to: '',
      harm: 'a dead letter holds up its key',
      tests: ['inbox'],
    },
    {
      from: 'if (replayFor !== undefined && replayFor !== this.#options.consumer) {',
      to: 'if (false) {',
      harm: 'a dead letter that is sent again is handled by consumers that never had it',
      tests: ['inbox'],
    },
    {
      from: 'await recordError(app.database, consumer, attributes.id, error).catch(() => undefined);',
      to: '',
      harm: 'nobody knows why an event became a dead letter',
      tests: ['inbox'],
    },
    {
      from: '} else if (this.#isReplay) {',
      to: '} else if (false) {',
      harm: 'a dead letter that is sent again is tried once',
      tests: ['inbox'],
    },
    {
      from: 'return this.mayFollowGap || this.#isReplay;',
      to: 'return true;',
      harm: 'events of a key overtake each other',
      tests: ['inbox'],
    },
    {
      from: 'throw new HandlerFailed(error, jitter(retryDelayMs * 2));',
      to: 'return { retries: 100, lastError: undefined };',
      harm: 'while the database is away events become dead letters',
      tests: ['inbox'],
    },
  ]),
  ...mutantsOf(`${folder}/consumer.ts`, [
    {
      from: 'for (const delivery of this.#lanes.held) delivery.working();',
      to: '',
      harm: 'what waits here is delivered to another replica, again and again',
      tests: ['inbox'],
    },
    {
      from: 'for (const delivery of this.#lanes.clear()) delivery.giveBack();',
      to: 'this.#lanes.clear();',
      harm: 'a rollout holds events up for the time of an acknowledgement',
      tests: ['inbox'],
    },
    {
      from: 'await Promise.race([Promise.all(this.#working), timeout]);',
      to: '',
      harm: 'a shutdown does not wait for the events at work',
      tests: ['inbox'],
    },
  ]),
  ...mutantsOf(`${folder}/slots.ts`, [
    {
      from: 'Math.floor(pool.options.max / 2)',
      to: 'pool.options.max',
      harm: 'handlers take the connections of the requests',
      tests: ['inbox'],
    },
  ]),
];
