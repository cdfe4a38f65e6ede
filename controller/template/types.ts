/** Variables as a template sees them. */
export interface Scope {
  /** True when the name exists. */
  has(name: string): boolean;
  /** The value; only asked when has(name). May throw: what it throws passes through the evaluator untouched. */
  get(name: string): unknown;
  /** All names, for "did you mean". */
  names(): Iterable<string>;
}

/** Looks things up outside of the variables (`lookup('file', ...)`); supplied by the run, so that the engine does no I/O. */
export type Lookup = (
  args: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
  rendering: RenderOptions,
) => readonly unknown[];

export type FileKind = 'file' | 'directory' | 'link' | 'other';

/** What templates may ask about the workstation's files and environment; supplied by the run. */
export interface Workstation {
  /** What is at a path; undefined when nothing is. */
  kind(path: string, followLinks: boolean): FileKind | undefined;
  /** The same for two paths of one file; undefined when there is none. */
  identity(path: string): string | undefined;
  isMount(path: string): boolean;
  realPath(path: string): string;
  glob(pattern: string): readonly string[];
  /** Whether vault encrypted a file; undefined where none can be read. */
  isVaulted(path: string): boolean | undefined;
  /** Whether a text is what an encrypted value of a file stands for. */
  wasEncrypted(text: string): boolean;
  environment(name: string): string | undefined;
  /** The home of a user of this workstation, '' being who runs this; undefined when there is none. */
  home(user: string): string | undefined;
}

/** Finds a template that `include`, `import` or `extends` names; undefined when there is none. */
export type ReadTemplate = (name: string) => { readonly file: string; readonly text: string } | undefined;

export interface RenderOptions {
  readonly scope: Scope;
  readonly lookups?: () => Readonly<Record<string, Lookup>>;
  /** Finds the lookup of a collection by its full name. */
  readonly lookupOf?: (name: string) => Lookup | undefined;
  readonly readTemplate?: ReadTemplate;
  readonly workstation?: Workstation;
}

/** What stands in a list or dict for what does not exist there, `missing`; `raise` throws its error. */
export type Absent = (raise: () => never, missing: object) => unknown;

/** A parsed template. Parsing is cached by text. */
export interface Template {
  /**
   * Renders it. A text that is one single {{ expression }} gives that expression's own value (list, number, boolean...),
   * as Ansible's native types do; anything else gives a string.
   * With `absent` the value is a variable's: what is lazy in it stays so. Else it is plain data, and what does not exist in it is an
   * error. Throws TemplateError; undefined variables are errors wherever they are printed, tested or operated on.
   */
  render(options: RenderOptions, absent?: Absent): unknown;
}

export type TemplateErrorCode =
  | 'template-syntax'
  | 'unknown-plugin'
  | 'template-error'
  | 'undefined-variable'
  | 'vault';

/** Where in a template something is; line and column count from 1 inside of its own text. */
interface TemplatePlace {
  readonly line: number;
  readonly column: number;
  /** The template's file; undefined for a text of a playbook, which the caller knows. */
  readonly file: string | undefined;
  readonly excerpt: string;
}

export class TemplateError extends Error implements TemplatePlace {
  readonly code: TemplateErrorCode;
  readonly line: number;
  readonly column: number;
  readonly file: string | undefined;
  readonly excerpt: string;
  readonly hint: string | undefined;
  /** Of something that does not exist, which `default` takes; false where a template insists on it (`mandatory`). */
  readonly ofUndefined: boolean;

  constructor(code: TemplateErrorCode, message: string, at: TemplatePlace, hint?: string, ofUndefined = false) {
    super(message);
    this.name = 'TemplateError';
    this.code = code;
    this.line = at.line;
    this.column = at.column;
    this.file = at.file;
    this.excerpt = at.excerpt;
    this.hint = hint;
    this.ofUndefined = ofUndefined;
  }
}
