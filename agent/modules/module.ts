import type { z } from 'zod';
import type { Diff } from '../../proto/gen/orch/v1/agent.ts';
import type { Action } from '../linux/action.ts';
import type { Host } from '../linux/host.ts';
import type { Need } from '../linux/programs/need.ts';

export type { Action, FileAction } from '../linux/action.ts';
export { contentSums, heldBytes, isLarge, type LargeContent, pieceBytes } from '../linux/files/large-content.ts';

/** What a host must have for a task, and the parameter that asks for it; absent: the task as a whole. */
export interface TaskNeed extends Need {
  readonly option?: string | undefined;
}

/** One change and what takes it back. */
export interface Step {
  /** What it changes, in the words of the lab's owner: "link ns01/ipvlan1", "route ns01 default". Names an owned object. */
  readonly object: string;
  /** What of the object it changes, when that can be set back by itself ("mtu"); absent: the object as a whole. */
  readonly part?: string | undefined;
  readonly action: Action;
  /** Carried out in this order on destroy; empty when the step needs no inverse (the object's own removal takes it along). */
  readonly undo: readonly Action[];
  /** True when the step takes the object away, so that the lab no longer owns it. */
  readonly removes?: boolean;
  /** True when the host may well leave all as it is, and that is no failure (`systemctl enable` of a unit that says nothing of when it starts). */
  readonly mayStay?: boolean;
  /** What the host must have for the action, said when it refuses it: "the kernel module ipvlan (CONFIG_IPVLAN)". */
  readonly needs?: string;
}

/** What leads from the present state to the wanted one; no steps means nothing to do. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Carried out first, and no change by themselves (`systemctl daemon-reload`); not in check mode. */
  readonly asides?: readonly Action[];
  /** Present and wanted state as plain data in the module's terms; printed as a diff. */
  readonly before: unknown;
  readonly after: unknown;
  /** They are those of a file of which the diff shows text and attributes each by themselves. */
  readonly inParts?: boolean;
  /** Parts that are to stay as they are: in check mode, what tasks before would have made of them is led back. */
  readonly kept?: readonly string[];
  /** Things worth saying that are no failure ("net.ipv4.conf.all.rp_filter is 1 and the larger one counts"). */
  readonly warnings?: readonly string[];
  /** Extra keys for `register`. */
  readonly result?: Readonly<Record<string, unknown>>;
}

interface ModuleDoc<P> {
  readonly name: string;
  /** One line, for `orch doc` and the module list. */
  readonly summary: string;
  /** More to know, in Markdown; optional. */
  readonly notes?: string;
  /** Tasks in YAML, each valid as it stands; a test parses them. */
  readonly examples: readonly string[];
  /** Every field has .describe(); no transforms (JSON Schema must be able to say the same). */
  readonly params: z.ZodType<P>;
  /** The parameter that free text goes to (`command: uptime`). */
  readonly freeForm?: string;
  /** Its result names a file by `path` or `dest`, whose owner, group, mode, size and kind are told beside it. */
  readonly tellsFile?: true;
  /** It reads and changes files with the rights of the task's user, not with root's. */
  readonly asUser?: true;
  /** Other names of parameters, as Ansible has them: {dest: 'path'}. Only playbooks use them. */
  readonly aliases?: Readonly<Record<string, string>>;
}

/** A module that leads a part of the host to a wanted state. */
export interface ConvergeModule<P, C> extends ModuleDoc<P> {
  readonly form: 'converge';
  /** What it has others do may take as long as a program of a task (starting a service, moving a home). */
  readonly slow?: true;
  /**
   * What the task is about, in the words of its steps: "address 10.0.0.1/24 on br0". A lab that wishes what another has
   * brought about shares it.
   */
  readonly objects: (params: P, current: C) => readonly string[];
  /** Objects that exist once the task is done, so that check mode can promise them. What is made of files it sees in the plan. */
  readonly makes?: (params: P) => readonly ObjectRef[];
  /** What not every host has and the task takes, so that it is refused before anything is changed. Pure. */
  readonly needs?: (params: P) => readonly TaskNeed[];
  /**
   * Only queries. Throws OrchError when what the task builds on is not there. `seen` is what the look before this one
   * found, for what must not be asked twice, such as a server's answer; `acted`: the task has had its turn since.
   */
  readonly read: (params: P, host: Host, seen?: C, acted?: boolean) => Promise<C>;
  /** Pure. */
  readonly plan: (params: P, current: C) => Plan;
  /** True where the task may find something to do in what it has just made (`replace`), so that nobody looks again. */
  readonly repeats?: (params: P) => boolean;
}

/** A module that measures or runs something and does not converge. */
export interface RunModule<P> extends ModuleDoc<P> {
  readonly form: 'run';
  /** In check mode: `run` still calls it, and it changes nothing then; `skip` reports it as skipped. */
  readonly checkMode: 'run' | 'skip';
  readonly run: (params: P, host: Host, context: RunContext) => Promise<RunResult>;
}

export interface RunContext {
  readonly signal: AbortSignal;
  readonly check: boolean;
  /** What changes is to be shown. */
  readonly diff?: boolean;
  /** Live output for the controller. */
  readonly output: (chunk: Buffer, stderr: boolean) => void;
  /** Carries out one change at once, by the task's user, which no ledger has. Throws OrchError. */
  readonly apply: (action: Action) => Promise<void>;
  /** Jobs of runs that have ended. */
  readonly jobs?: KnownJobs | undefined;
}

/** What jobs came to, by their ids. */
export interface KnownJobs {
  get(id: string): JobResult | undefined;
  forget(id: string): void;
}

/** A job's result under Ansible's keys. */
export interface JobResult {
  readonly failed: boolean;
  readonly result: Readonly<Record<string, unknown>>;
}

export interface RunResult {
  readonly changed: boolean;
  /** True when what was run says that it failed (rc != 0); the result is kept. */
  readonly failed?: boolean;
  readonly skipped?: boolean;
  readonly message?: string;
  readonly result: Readonly<Record<string, unknown>>;
  readonly warnings?: readonly string[];
  readonly diff?: readonly (Pick<Diff, 'before' | 'after'> & Partial<Diff>)[] | undefined;
  /** What is yet to be done with what came of it, as with a converging module's plan. */
  readonly plan?: Plan;
}

export type ObjectRef =
  | { readonly kind: 'netns'; readonly name: string }
  | { readonly kind: 'link'; readonly netns?: string | undefined; readonly name: string }
  /** A folder; `of programs`: whatever a program makes that check mode does not run, accounts too. */
  | { readonly kind: 'files'; readonly name: string }
  /** `id`: its number, where the task says it. */
  | { readonly kind: 'user' | 'group'; readonly name: string; readonly id?: number | undefined };

/** What nobody can foresee. */
export const filesOfPrograms = { kind: 'files', name: 'of programs' } as const satisfies ObjectRef;

/** Whether check mode takes a missing folder for made. */
export function mayBeMade(folder: string, host: Pick<Host, 'promised'>): boolean {
  return host.promised(filesOfPrograms) || host.promised({ kind: 'files', name: folder });
}

/** The number of an account that is not there, but that a program may make which check mode does not run: one that none has. */
export function idToCome(host: Pick<Host, 'promised'>): number | undefined {
  return host.promised(filesOfPrograms) ? 0xf0000000 : undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: the registry holds modules of all parameter types; each one's own schema guards its calls.
export type AnyModule = ConvergeModule<any, any> | RunModule<any>;

/** Types one converging module from its schema. */
export function defineModule<S extends z.ZodType, C>(
  module: ConvergeModule<z.infer<S>, C> & { params: S },
): ConvergeModule<z.infer<S>, C> {
  return module;
}

/** Types one running module from its schema. */
export function defineRunModule<S extends z.ZodType>(
  module: RunModule<z.infer<S>> & { params: S },
): RunModule<z.infer<S>> {
  return module;
}
