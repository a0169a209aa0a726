import { mutantsOf } from '../mutant.ts';

export const sagas = [
  ...mutantsOf('src/platform/sagas/run-saga.ts', [
    {
      from: 'if (!undone.ok) open.push(undone.failure);',
      to: 'if (!undone.ok) throw new SagaStuck(failure, [undone.failure]);',
      harm: 'a compensation that fails stops the rest',
      tests: ['saga-failures'],
    },
    {
      from: 'begun.unshift(step);',
      to: 'begun.push(step);',
      harm: 'what was done first is undone first',
      tests: ['saga-failures'],
    },
    {
      from: 'if (open.length > 0) throw new SagaStuck(failure, open);',
      to: '',
      harm: 'a saga that could not be undone is told as undone',
      tests: ['saga-failures'],
    },
  ]),
  ...mutantsOf('src/platform/sagas/in-database.ts', [
    {
      from: 'if (rows[0]?.undone) throw',
      to: 'if (false) throw',
      harm: 'a late action is told as done after its undo',
      tests: ['saga-in-database'],
    },
    {
      from: 'where key = $1 and not undone',
      to: 'where key = $1',
      harm: 'a step is undone twice',
      tests: ['saga-in-database'],
    },
  ]),
  ...mutantsOf('src/platform/dbos/attempts.ts', [
    {
      from: 'if (this.#isLate()) throw new Error(',
      to: 'if (false) throw new Error(',
      harm: 'a saga goes on after its time',
      tests: ['saga-failures'],
    },
    {
      from: '!this.#isLate() && step.retryIf(error)',
      to: 'step.retryIf(error)',
      harm: 'a step is tried again after the time of its saga',
      tests: ['saga-failures'],
    },
    {
      from: 'key: this.#key(undoName(step.name)),',
      to: 'key: this.#key(step.name),',
      harm: 'a compensation has the key of its action, and is answered with what that was',
      tests: ['saga-failures'],
    },
    {
      from: 'await this.#stillOurs();',
      to: '',
      harm: 'a process that was frozen goes on with sagas that others have taken over',
      tests: ['-saga.test'],
      faults: true,
    },
    {
      from: 'within(timeoutMs, run)',
      to: 'run(new AbortController().signal)',
      harm: 'an attempt that hangs hangs its saga',
      tests: ['saga-failures'],
    },
  ]),
  ...mutantsOf('src/platform/dbos/takeover.ts', [
    {
      from: 'handedOver ? 0 : 1)',
      to: '1)',
      harm: 'rollouts count as takeovers, and healthy sagas are stuck',
      tests: ['saga-takeover'],
    },
    {
      from: "where known.taken_from <> excluded.taken_from or known.taken_at < now() - $3 * interval '1 ms'",
      to: 'where $3::bigint is not null',
      harm: 'several processes take over one saga',
      tests: ['saga-takeover'],
    },
    {
      from: "if (now?.status !== 'PENDING' || now.executorId !== executorId) return false;",
      to: '',
      harm: 'a saga that has ended, or found another process, is run again',
      tests: ['saga-takeover'],
    },
    {
      from: 'if (takeovers > limit) {',
      to: 'if (false) {',
      harm: 'a saga that kills its processes is taken over for ever',
      tests: ['-saga.test'],
      faults: true,
    },
    {
      from: 'applicationVersion: this.#options.version,',
      to: '',
      harm: 'sagas of another version are taken over by who cannot run them',
      tests: ['saga-takeover'],
    },
    {
      from: 'idle.filter(({ workflowID }) => this.#suspects.has(workflowID))',
      to: 'idle.slice(0, 0)',
      harm: 'a saga that this process has claimed and does not run stays for ever',
      tests: ['saga-takeover'],
    },
  ]),
  ...mutantsOf('src/platform/dbos/lease.ts', [
    {
      from: 'expires_at = now(), released = true',
      to: 'expires_at = now()',
      harm: 'a hand-over counts as a death',
      tests: ['saga-takeover'],
    },
    {
      from: 'if (lapsed) this.lapses += 1;',
      to: '',
      harm: 'a process that was frozen does not ask whose its sagas are',
      tests: ['-saga.test'],
      faults: true,
    },
    {
      from: 'set expires_at = excluded.expires_at`',
      to: 'set expires_at = saga_leases.expires_at`',
      harm: 'the sagas of a process that lives are taken over',
      tests: ['saga-takeover'],
    },
  ]),
  ...mutantsOf('src/platform/dbos/engine.ts', [
    {
      from: 'await this.#sameStart(workflowID, input, caller);',
      to: '',
      harm: 'an order is answered with what became of another',
      tests: ['-saga.test'],
    },
  ]),
];
