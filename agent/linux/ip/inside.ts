import { readdirSync, readFileSync, statSync } from 'node:fs';
import { netnsInode } from './queries.ts';

/** A program in a network namespace. */
export interface Inside {
  readonly netns: string;
  readonly pid: number;
  readonly program: string;
  /** The agent's child: it ends by itself. */
  readonly own: boolean;
}

/**
 * Notes the namespaces of these names, and tells when it is called what programs are in them, though they have a name no more:
 * who is inside keeps one alive.
 */
export function noteInside(names: readonly string[]): () => readonly Inside[] {
  const known = new Map(names.map((name) => [netnsInode(name), name]));
  known.delete(undefined);
  return () => (known.size === 0 ? [] : readdirSync('/proc').flatMap((pid) => insideOf(pid, known)));
}

function insideOf(pid: string, known: ReadonlyMap<number | undefined, string>): Inside[] {
  if (!/^\d+$/.test(pid)) return [];
  try {
    const netns = known.get(statSync(`/proc/${pid}/ns/net`).ino);
    if (netns === undefined) return [];
    const [, program = '', parent] = /\((.*)\) . (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return [{ netns, pid: Number(pid), program, own: Number(parent) === process.pid }];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}
