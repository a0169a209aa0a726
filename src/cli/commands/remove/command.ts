import { UserError } from '../../../errors.ts';
import { harmlessLine } from '../../../harmless.ts';
import { nearest } from '../../../nearest.ts';
import { defineCommand } from '../../command.ts';
import { changeOptions } from '../../service/change-options.ts';
import { manifests } from '../../templates/manifests.ts';

const instances = manifests.flatMap((manifest) => (manifest.instances ? [manifest.instances] : []));
const nouns = [...instances.map(({ noun }) => noun), 'feature'];

export default defineCommand({
  name: 'remove',
  summary: 'Take something out of a service; what you edited stays',
  group: 'Extend a service',
  arguments: {
    kind: { required: true, summary: `What it is: ${nouns.slice(0, -1).join(', ')} or feature`, offers: nouns },
    name: { required: true, summary: 'Its name, as it was added' },
  },
  options: changeOptions,
  examples: [
    ['msvc remove client payments', 'in any folder of a service'],
    ['msvc remove feature redis --dry-run', 'see which files would go'],
  ],
  async run({ kind = '', name = '', ...flags }, ports) {
    const { changeService, withoutFeature, withoutInstance, withoutRoutesTo } = await import('../../service/index.ts');
    const found = instances.find(({ noun }) => noun === kind);
    if (!found && kind !== 'feature') throw unknownKind(kind);
    return changeService({
      flags,
      ports,
      done: () => `${kind} ${name} removed`,
      change: (record) =>
        found ? withoutInstance(record, found.kind, name, manifests) : withoutFeature(record, name, manifests),
      ...(found?.kind === 'upstreams' && { also: (plan, project) => withoutRoutesTo(plan, project, name) }),
    });
  },
});

function unknownKind(kind: string): UserError {
  const meant = nearest(kind, nouns);
  return new UserError({
    code: 'UNKNOWN_KIND',
    what: `There is nothing called "${harmlessLine(kind)}" to remove`,
    why: `What can be removed is one of: ${nouns.join(', ')}.`,
    fix: meant ? `Did you mean: msvc remove ${meant} …` : 'See: msvc remove --help',
  });
}
