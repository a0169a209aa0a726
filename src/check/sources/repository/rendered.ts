import { UserError } from '../../../errors.ts';
import { harmlessLine, withoutSecrets } from '../../../harmless.ts';
import type { Ports } from '../../../ports.ts';
import type { Environment } from './find-environments.ts';

/** What a renderer made of an environment. */
export interface Rendered {
  text: string;
  /** The command that a person would have typed. */
  by: string;
  /** Folder that paths in kustomize's origins start from, where it was asked for them. */
  origins?: string;
}

/** How a renderer is told to work. */
export interface RenderOptions {
  /** Longest that it may take. */
  seconds: number;
  /** Files of values for charts, absolute, the last of two equal keys wins. */
  values: readonly string[];
  /** Of objects that name none. */
  namespace: string;
}

/** One tool of the user's. */
export type Renderer = (environment: Environment, options: RenderOptions, ports: Ports) => Promise<Rendered>;

/** A word of a command that somebody may paste: of what a folder is called, a shell runs nothing. */
export const pasted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** @param lacking "neither kustomize nor kubectl is" */
export const missing = ({ name, kind }: Environment, lacking: string, command: string) =>
  new UserError({
    code: 'RENDERER_MISSING',
    what: `${name} is a ${kind === 'helm' ? 'Helm chart' : 'kustomization'}, and ${lacking} on PATH`,
    why: 'What it leaves open cannot be judged before it is rendered, and nothing is downloaded for you.',
    fix: `Install it, or render where it is and judge that: ${command} > rendered.yaml, then msvc check-cluster --from rendered.yaml`,
  });

const longest = 400;

export const renderFailed = (
  { name }: Environment,
  command: string,
  { failed, isLate }: { failed: string; isLate?: true },
) =>
  new UserError({
    code: 'RENDER_FAILED',
    what: `${name} could not be rendered`,
    why: `${command}: ${shortened(harmlessLine(withoutSecrets(failed)))}`,
    fix: isLate
      ? 'Give it more time with --render-timeout, or judge what it renders to: msvc check-cluster --from -'
      : 'Correct it, or leave it out: msvc check names one folder, --no-render judges plain manifests only.',
  });

const shortened = (text: string): string => (text.length > longest ? `…${text.slice(-longest)}` : text);
