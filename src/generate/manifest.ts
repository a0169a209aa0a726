/** A question whose answer a template needs. Every question has a flag of the same name. */
export interface Question {
  name: string;
  message: string;
  /**
   * `contract`: nobody is asked. Each choice is a flag that takes a file or a URL; the answer is the choice, absent where
   * none was given.
   */
  kind: 'text' | 'list' | 'choice' | 'confirm' | 'contract';
  /** `planned`: known but not there yet; choosing it is an error that says so. */
  choices?: readonly {
    value: string;
    title: string;
    planned?: true;
    /** Features that an instance with this answer needs. */
    requires?: readonly string[];
    /** What production needs of an instance with this answer, in place of what it needs of others. */
    production?: string;
  }[];
  /** A choice whose values are flags of their own: `--publish` instead of `--direction publish`. */
  flags?: true;
  default?: string | readonly string[] | boolean;
  /**
   * Regular expression that each value must match as a whole, and the sentence that says so. Without one, elements of a
   * list are kebab-case names and a text is one line without quotes and backslashes.
   */
  pattern?: string;
  patternHint?: string;
  /**
   * For a list: each element may say with whom, as in `charge-payment@payments`. That is an instance of this kind, which
   * the service gets where it has none. Templates find its name in `at`; without an @ it is the element's own.
   */
  at?: string;
}

/** `templates/features/<id>/feature.json` */
export interface FeatureManifest {
  id: string;
  title: string;
  /** One line for `--help` and the prompt. */
  summary: string;
  /** Offered in the prompt and by `--with`. A feature that only comes with others (`clients` with `--calls`) is not. */
  selectable: boolean;
  requires: readonly string[];
  conflicts: readonly string[];
  questions: readonly Question[];
  /** What production needs for it that nobody can generate: one sentence part, with `{service}` for its name. */
  production?: string;
  /** Present where the feature has instances: `each/` is rendered once for each. */
  instances?: {
    kind: string;
    noun: string;
    /** `dotted`: named like `orders.created`, in at least two parts. Otherwise kebab-case. */
    naming?: 'dotted';
    /** Names that none may have: the code around it, a health check or a test is called so. */
    reserved?: readonly string[];
    /** A name to show in the help. */
    example?: string;
    /** Command that adds one, where that takes more than a name: `add-route <path> <service>`. */
    command?: string;
    /** The same for each of them, with `{name}` and `{NAME}` (as settings begin) too. */
    production?: string;
    questions: readonly Question[];
  };
}

/** A named list of features and answers: `--template <id>`. */
export interface Preset {
  id: string;
  title: string;
  features: readonly string[];
}
