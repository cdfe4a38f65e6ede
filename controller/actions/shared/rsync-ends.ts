import { resolve } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { fromHome } from '../../source/from-home.ts';
import type { ActionContext, ProgramAsked } from '../action.ts';
import { isServed, placeThere, type SynchronizeParams } from './rsync-options.ts';

/** Where a program runs: on a host, or on the workstation as this user. */
type Where = Pick<ProgramAsked, 'on' | 'cwd'>;

/** How files get from one place to another. */
export interface Ends {
  /** Where rsync is started. */
  readonly near: Where;
  /** Where it has another rsync started; undefined where both places are the same machine's, or a server's. */
  readonly far: Where | undefined;
  /** As rsync is given them. */
  readonly src: string;
  readonly dest: string;
  /** Where the destination is, as a path there. */
  readonly into: Where & { readonly path: string };
}

type Context = Pick<ActionContext, 'host' | 'delegate' | 'isWorkstation' | 'findSource' | 'playbookDir'>;

/** Finds where rsync has to be started for a task. Throws OrchError. */
export function endsOf(params: SynchronizeParams, context: Context): Ends {
  const { src, dest, mode } = params;
  const { host, delegate } = context;
  const isWorkstation = (place: string | undefined) => place === undefined || context.isWorkstation(place);
  const here = delegate ?? (isWorkstation(host) ? host : undefined);
  const [isHere, isThere] = [isWorkstation(here), isWorkstation(host)];
  if (here === host || (isHere && isThere) || isServed(src) || isServed(dest)) {
    return isHere ? onWorkstation(here, params, context) : onHost(here, params);
  }
  if (!isHere && !isThere) throw between(here, host);
  const far = isHere ? host : here;
  const sends = (mode === 'push') === isHere;
  const { cwd, path } = placeThere(sends ? dest : src);
  const there = { on: far, cwd };
  // What rsync takes for no part of a path, whatever the host is called.
  const address = `${far?.replace(/^-|[^\w.-]/g, '_')}:${path}`;
  const near = {};
  if (sends) return { near, far: there, src: found(src, context), dest: address, into: { ...there, path } };
  const made = destination(dest, context);
  return { near, far: there, src: address, dest: made, into: { path: made } };
}

function onWorkstation(on: string | undefined, { src, dest }: SynchronizeParams, context: Context): Ends {
  const made = isServed(dest) ? dest : destination(dest, context);
  const source = isServed(src) ? src : found(src, context);
  return { near: { on }, far: undefined, src: source, dest: made, into: { on, path: made } };
}

/** Both places are on the host that does the task, or on servers. */
function onHost(on: string | undefined, { src, dest }: SynchronizeParams): Ends {
  const [source, made] = [src, dest].map((path) => (isServed(path) ? { cwd: '/', path } : placeThere(path)));
  const homes = new Set([source?.cwd, made?.cwd].filter((cwd) => cwd !== '/'));
  if (homes.size > 1) {
    const summary = `src and dest are in the homes of two users (${src}, ${dest}): write one of them from the root folder on.`;
    throw new OrchError({ code: 'invalid-parameter', summary });
  }
  const near = { on, cwd: homes.size === 0 ? '/' : [...homes][0] };
  const path = made?.path ?? dest;
  return { near, far: undefined, src: source?.path ?? src, dest: path, into: { ...near, path } };
}

/** A source on the workstation; a slash at its end says that its content is meant. Of one that is not there rsync tells. */
function found(src: string, { findSource, playbookDir }: Context): string {
  const path = fromHome(src);
  try {
    return withSlashOf(src, findSource(path, 'files'));
  } catch (error) {
    if (!(error instanceof OrchError) || error.code !== 'file-not-found') throw error;
    return withSlashOf(src, resolve(playbookDir, path));
  }
}

function destination(dest: string, { playbookDir }: Context): string {
  return withSlashOf(dest, resolve(playbookDir, fromHome(dest)));
}

function withSlashOf(written: string, path: string): string {
  return written.endsWith('/') && !path.endsWith('/') ? `${path}/` : path;
}

function between(delegate: string | undefined, host: string): OrchError {
  return new OrchError({
    code: 'task-failed',
    summary: `synchronize does not bring files between two hosts (${delegate} and ${host}).`,
    hint: `Pull them from one of them to the workstation, and push them from there to the other. With delegate_to: "{{ inventory_hostname }}" both src and dest are on the host itself.`,
  });
}
