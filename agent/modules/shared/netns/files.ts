import * as z from 'zod';
import type { Host } from '../../../linux/host.ts';
import { heldBytes, type Step } from '../../module.ts';
import { shown } from '../files/content.ts';
import { joined } from '../files/path.ts';
import { fileAction } from '../files/steps.ts';
import { type Entry, missingFolders, readTree } from '../files/tree.ts';

/** Where `ip netns exec` finds the files that stand for those of /etc inside a namespace (ip-netns(8)). */
const etcNetns = '/etc/netns';

const fileName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/, 'a file name has letters, digits, _, . and -, and no folder');

export const filesField = z.record(fileName, z.string().max(65_536));
type Files = z.infer<typeof filesField>;

export interface NetnsFiles {
  /** Folders that must be made first. */
  readonly folders: readonly string[];
  /** Content of the asked files that are there. */
  readonly contents: Readonly<Record<string, Buffer>>;
}

function folderFor(netns: string): string {
  return joined(etcNetns, netns);
}

export async function readFiles(host: Host, netns: string, files: Files): Promise<NetnsFiles> {
  const names = Object.keys(files);
  if (names.length === 0) return { folders: [], contents: {} };
  const folder = folderFor(netns);
  const folders = await missingFolders(host, folder);
  const found = folders.length > 0 ? [] : await Promise.all(names.map((name) => host.readFile(joined(folder, name))));
  const contents = names.flatMap((name, at) => (found[at] === undefined ? [] : [[name, found[at]] as const]));
  return { folders, contents: Object.fromEntries(contents) };
}

/** The files, and the folders that they may need. */
export function fileObjects(netns: string, files: Files): string[] {
  const names = Object.keys(files);
  if (names.length === 0) return [];
  const folder = folderFor(netns);
  return [etcNetns, folder, ...names.map((name) => joined(folder, name))].map((path) => `file ${path}`);
}

/** Makes the folders and writes the files that differ. */
export function fileSteps(netns: string, files: Files, { folders, contents }: NetnsFiles): Step[] {
  const makes = folders.map((path): Step => {
    const undo = [fileAction({ do: 'rmdir', path })];
    return { object: `file ${path}`, action: fileAction({ do: 'mkdir', path, mode: 0o755 }), undo };
  });
  const writes = Object.entries(files).flatMap(([name, text]): Step[] => {
    const path = joined(folderFor(netns), name);
    const present = contents[name];
    const content = Buffer.from(text, 'utf8');
    if (present?.equals(content)) return [];
    const write = (bytes: Buffer) => fileAction({ do: 'write', path, content: bytes.toString('base64') });
    const undo = [present === undefined ? fileAction({ do: 'unlink', path }) : write(present)];
    return [{ object: `file ${path}`, action: write(content), undo }];
  });
  return [...makes, ...writes];
}

/** For the diff. */
export function filesView(
  contents: Readonly<Record<string, Uint8Array>>,
): Readonly<Record<string, string>> | undefined {
  const shows = Object.entries(contents).map(([name, content]) => [name, shown(content)]);
  return shows.length === 0 ? undefined : Object.fromEntries(shows);
}

/** All that a namespace has in /etc/netns, which a removal takes along. */
export function readOwnFolder(host: Host, netns: string): Promise<readonly Entry[]> {
  return readTree(host, folderFor(netns), heldBytes);
}
