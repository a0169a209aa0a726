/**
 * Contracts in the one form in which a service's own `npm run contract` writes them (`scripts/contracts/write-json.ts`),
 * whatever the templates and contributions look like: so that its first difference shows what changed and nothing else.
 */
export const inContractForm = (path: string, content: string): string =>
  path.startsWith('contracts/') && path.endsWith('.json')
    ? `${JSON.stringify(JSON.parse(content), null, 2)}\n`
    : content;
