import type { Action } from './action.ts';
import type { Keep } from './files/spool.ts';
import type { FileView, Host, WebReply, WebRequest } from './host.ts';
import type { Inside } from './ip/inside.ts';
import type { Need } from './programs/need.ts';

/** The host without a task's view of it: what the engine holds, and changes through `apply`. */
export interface ActingHost
  extends Omit<Host, 'promised' | 'asked' | 'owns' | 'runAs' | 'absolute' | 'expanded' | 'word' | 'fileWith' | 'web'> {
  /** The only user that it can act as, when the agent is not root's. */
  readonly onlyAs?: string | undefined;
  /**
   * Carries out one change. Throws OrchError: 'missing-object' when what it would change or remove is not there,
   * 'command-failed' with the tool's words for any other refusal. An action that throws changed nothing (`exec`, `tc` and
   * `daemon` may have). `signal` ends a program, and the wait for a daemon to be ready.
   */
  apply(action: Action, signal?: AbortSignal): Promise<void>;
  /**
   * What it has instead of what is needed, in words ("Linux 6.1.0"); undefined where it has that, or does not say. Changes
   * nothing. Throws OrchError where there is no ip at all.
   */
  lack(need: Need): Promise<string | undefined>;
  /** Its files as far as this user may read them; undefined: root. Throws OrchError where there is no such user. */
  filesAs(runAs: string | undefined): Promise<FileView>;
  /** The environment that programs of a user start with; undefined: root's. */
  environment(runAs: string | undefined): Promise<NodeJS.ProcessEnv>;
  /** As a task's host does; `keep` takes an answer that has no limit. */
  web(request: WebRequest, keep?: Keep): Promise<WebReply>;
  /** As netnsMade. */
  readonly netnsMade: (netns: string) => number | undefined;
  /** As noteInside. */
  readonly noteInside: (namespaces: readonly string[]) => () => readonly Inside[];
  /** Starts the coprocesses for this host and these namespaces ahead of the first query, side by side. */
  expect(namespaces: readonly string[]): void;
  /**
   * Looks at these namespaces now, where they are many, and at the host's own: queries may be answered by what was seen until
   * something is carried out.
   */
  look(namespaces: readonly string[]): void;
  /** What was seen may be so no more. */
  forget(): void;
  /** Ends the coprocesses, which keep namespaces alive. The host stays usable: they come back on demand. */
  release(): Promise<void>;
}
