import type { Finding, GroupResource, Status, Verdict } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Reasons } from './reasons.ts';

/** One item as a rule: facts to verdicts. */
export interface Check {
  /** kebab-case; the file's name. */
  id: string;
  title: string;
  /** The line of the seed's checklist or practices that it judges. */
  item: string;
  /** Absent: a line of the checklist. Practices stand in a block of their own. */
  kind?: 'practice';
  /** Over its column: one word where there is room, a few letters where there is not. */
  heading: { long: string; short: string };
  reads: { needs: readonly GroupResource[]; uses: readonly GroupResource[] };
  /** The verdicts it can give; its fixtures match this list exactly. */
  verdicts: readonly Status[];
  /** Every code that its findings and verdicts give. */
  reasons: Reasons;
  docs: { why: string; judges: string; wrongWhen: string; fix: string };
  /** Of a check that leaves a subject out where nothing shows it: what would. Such a cell is in no count. */
  shownBy?: string;
  /** One verdict a subject, of those that something shows. Pure: no clock, no order dependence. */
  evaluate(facts: Facts): Verdict[];
  /** Objects of this item that are configured and act on nothing: notes about the cluster, which change no verdict. */
  dangling?(facts: Facts): Finding[];
}
