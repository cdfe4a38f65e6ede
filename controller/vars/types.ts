import type { Located } from '../source/located.ts';
import type { Lookup, ReadTemplate, RenderOptions, Scope, Workstation } from '../template/types.ts';

export interface ScopeOptions {
  /** Made when the first one is asked: most tasks ask none. */
  readonly lookups?: () => Readonly<Record<string, Lookup>>;
  /** Finds the lookup of a collection by its full name. */
  readonly lookupOf?: (name: string) => Lookup | undefined;
  /** Finds the templates that a template file (undefined: a text of the playbook) names. */
  readonly templates?: (file: string | undefined) => ReadTemplate;
  /** What templates may ask about this workstation's files. */
  readonly workstation?: Workstation;
  /** True when conditions may be of any type, as Python has them (Ansible's setting `allow_broken_conditionals`). */
  readonly brokenConditionals?: boolean;
  /** True when mappings of a variable are merged, where several places say it (Ansible's setting `hash_behaviour`). */
  readonly mergeMappings?: boolean;
  /** Told of things that work but should be written otherwise. */
  readonly warn?: (message: string, at: Located) => void;
}

/** The variables of one host's task. A variable's templates are rendered when it is first asked for. */
export interface VarScope extends Scope {
  readonly options: ScopeOptions;
  /** How texts of a playbook are rendered in it. */
  readonly rendering: RenderOptions;
  /** A variable as a file has it; undefined where it is data, which nothing may take for an expression or a template. */
  written(name: string): Located | undefined;
  /** The same with more values in front: loop items, the result under judgement; `written`: some of them as a file has them. */
  with(locals: Readonly<Record<string, unknown>>, written?: ReadonlyMap<string, Located>): VarScope;
}
