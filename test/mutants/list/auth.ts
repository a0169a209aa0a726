import { mutantsOf } from '../mutant.ts';

export const auth = [
  ...mutantsOf('src/platform/auth/access-token.ts', [
    {
      from: "requiredClaims: ['exp', 'sub'],",
      to: "requiredClaims: ['sub'],",
      harm: 'a token without an end is good for ever',
      tests: ['auth'],
    },
    {
      from: '    issuer,\n    audience,\n    algorithms,\n    clock',
      to: '    audience,\n    algorithms,\n    clock',
      harm: 'tokens of any issuer are good',
      tests: ['auth'],
    },
    {
      from: '    issuer,\n    audience,\n    algorithms,\n    clock',
      to: '    issuer,\n    algorithms,\n    clock',
      harm: 'tokens for other services are good',
      tests: ['auth'],
    },
    {
      from: '    issuer,\n    audience,\n    algorithms,\n    clock',
      to: '    issuer,\n    audience,\n    clock',
      harm: 'the token chooses its algorithm',
      tests: ['auth'],
    },
    {
      from: 'clockTolerance: clockToleranceS,',
      to: 'clockTolerance: 86_400,',
      harm: 'a token is good a day after its end',
      tests: ['auth'],
    },
    {
      from: '[claims.scope, claims.scp].flat()',
      to: '[claims.scope].flat()',
      harm: 'scopes in scp are not seen',
      tests: ['auth'],
    },
  ]),
  ...mutantsOf('src/platform/auth/key-set.ts', [
    {
      from: 'this.#nextFetchAt = now() + cooldownMs;',
      to: '',
      harm: 'invented key ids make the service flood the provider',
      tests: ['auth'],
    },
    {
      from: 'this.#nextFetchAt = now() + retryMs;',
      to: 'this.#nextFetchAt = now() + cooldownMs;',
      harm: 'a failed fetch is not tried again for minutes',
      tests: ['auth'],
    },
    {
      from: '      await this.refresh();\n      return this.#keys(header, token);',
      to: '      throw error;',
      harm: 'a rotation of keys refuses everybody',
      tests: ['auth'],
    },
    {
      from: 'if (isNew) this.#options.onChange(trouble);',
      to: 'this.#options.onChange(trouble);',
      harm: 'the log is flooded while the provider is away',
      tests: ['auth'],
    },
  ]),
  ...mutantsOf('src/platform/auth/challenge.ts', [
    {
      from: 'if (missing.length > 0) throw refuse.insufficient(reply, needed, missing);',
      to: '',
      harm: 'scopes are not asked for',
      tests: ['auth'],
    },
    {
      from: 'needed.filter((scope) => !has.has(scope))',
      to: 'needed.some((scope) => has.has(scope)) ? [] : needed',
      harm: 'one scope of several is enough',
      tests: ['auth'],
    },
  ]),
  ...mutantsOf('src/plugins/auth.ts', [
    {
      from: 'if (!caller) throw refuse.missing(answer);',
      to: 'if (!caller) return caller;',
      harm: 'whoever brings no token is let in',
      tests: ['auth'],
    },
  ]),
];
