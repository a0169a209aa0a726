import { UserError } from '../../../errors.ts';
import { flagName } from '../../../flag-name.ts';
import { withInstance } from '../../../generate/inputs/change-record.ts';
import { closeOverRequired, findFeature } from '../../../generate/inputs/features.ts';
import { newRecord } from '../../../generate/inputs/new-record.ts';
import type { FeatureManifest, Preset } from '../../../generate/manifest.ts';
import type { Instance, PackageManager, ServiceRecord } from '../../../generate/record.ts';
import type { TemplateSet } from '../../../generate/render/template-set.ts';
import { nearest } from '../../../nearest.ts';
import type { Flags } from '../../command.ts';
import { givenAnswers } from '../../service/questions.ts';
import { offeredFeatures } from '../../templates/offered-features.ts';

/** The flags of `msvc new`; those of the features' questions come beside these. */
export interface NewFlags extends Flags {
  readonly name?: string;
  readonly description?: string;
  readonly context?: string;
  readonly owner?: string;
  readonly template?: string;
  readonly with?: readonly string[];
  readonly calls?: readonly string[];
  readonly example?: boolean;
  readonly directory?: string;
  /** Instead of a service: what a cluster needs once. True where no folder is named. */
  readonly platform?: string | true;
  readonly packageManager?: string;
  readonly install?: boolean;
  readonly git?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly diff?: boolean;
  readonly json?: boolean;
}

/** One of something that a service has many of, asked for while it is made. */
export interface FirstInstance {
  kind: string;
  instance: Instance;
}

export const defaultPreset = 'rest';
const exampleFeature = 'example';
const clientsKind = 'clients';

/** What was asked for, as a record. @throws UserError for everything that cannot be */
export function wantedRecord(
  flags: NewFlags & { name: string },
  packageManager: PackageManager,
  { version, presets, features }: TemplateSet,
  instances: readonly FirstInstance[] = [],
): ServiceRecord {
  const manifests = features.map(({ manifest }) => manifest);
  const given = (flags.with ?? []).map((id) => findFeature(id, offeredFeatures).id);
  const wanted = [...findPreset(flags.template ?? defaultPreset, presets).features, ...given];
  const ids = closeOverRequired(
    wanted.filter((id) => flags.example !== false || id !== exampleFeature),
    manifests,
  );
  refuseAnswersWithoutFeature(flags, ids, manifests);
  const record = newRecord(
    {
      name: flags.name,
      description: flags.description,
      context: flags.context,
      owner: flags.owner,
      packageManager,
      features: Object.fromEntries(ids.map((id) => [id, givenAnswers(findFeature(id, manifests).questions, flags)])),
    },
    version,
    manifests,
  );
  const called = [...new Set(flags.calls)].map((name): FirstInstance => ({ kind: clientsKind, instance: { name } }));
  // A saga brings the clients that its steps need, and one of them may have been named before.
  return [...instances, ...called].reduce(
    (result, { kind, instance }) =>
      kind === clientsKind && result.instances[kind]?.some(({ name }) => name === instance.name)
        ? result
        : withInstance(result, kind, instance, manifests),
    record,
  );
}

/** @throws UserError UNKNOWN_TEMPLATE with the nearest that there is */
export function findPreset(id: string, presets: readonly Preset[]): Preset {
  const found = presets.find((preset) => preset.id === id);
  if (found) return found;
  const known = presets.map((preset) => preset.id);
  const meant = nearest(id, known);
  throw new UserError({
    code: 'UNKNOWN_TEMPLATE',
    what: `There is no template "${id}"`,
    why: `Known are: ${known.join(', ')}.`,
    fix: meant ? `Did you mean ${meant}?` : 'Choose one of those, or leave --template out.',
  });
}

/** An answer that nothing would use is a mistake, and saying so now saves a service that lacks what was meant. */
function refuseAnswersWithoutFeature(
  flags: Flags,
  ids: readonly string[],
  manifests: readonly FeatureManifest[],
): void {
  for (const { id, questions } of manifests) {
    const unused = ids.includes(id) ? undefined : questions.find(({ name }) => flags[name] !== undefined);
    const isUsed = ids.some((other) =>
      findFeature(other, manifests).questions.some(({ name }) => name === unused?.name),
    );
    if (!unused || isUsed) continue;
    throw new UserError({
      code: 'OPTION_WITHOUT_FEATURE',
      what: `--${flagName(unused.name)} has nothing to decide here`,
      why: `It belongs to the feature ${id}, which this service does not get.`,
      fix: `Add --with ${id}, or leave the option out.`,
    });
  }
}
