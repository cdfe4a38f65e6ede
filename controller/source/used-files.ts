import { existsSync, readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** What the files and folders were like that a run was made of, when it first asked for them; undefined: nobody wants to know. */
let used: Map<string, string> | undefined;

/** Has what is used from here on noted, and what was used before forgotten; gives what fills. */
export function noteUsedFiles(): Map<string, string> {
  used = new Map();
  return used;
}

/** What is there changes by itself. */
const ofSystem = /^\/(?:proc|sys|dev)\//;

/** To be called with each file or folder that is read, or looked for in vain: what is run is another thing when it changes. */
export function use(path: string): string {
  if (used === undefined) return path;
  const full = resolve(path);
  if (!used.has(full) && !ofSystem.test(full)) used.set(full, stateOf(full));
  return path;
}

/** The first of some paths that is there. */
export function firstThere(paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(use(path)));
}

/** Editors' own files, which come and go beside those they change. */
const isPassing = (name: string): boolean => name.startsWith('.') || name.endsWith('~');

/** Another text when a file was written or exchanged, or a folder has other names in it; empty where nothing can be read. */
export function stateOf(path: string): string {
  try {
    const found = statSync(path, { bigint: true });
    if (found.isDirectory())
      return readdirSync(path)
        .filter((name) => !isPassing(name))
        .sort()
        .join('/');
    return `${found.ino} ${found.size} ${found.mtimeNs}`;
  } catch {
    return '';
  }
}
