import { readdirSync } from 'node:fs';

/** Names of the folders in a folder: its cases, or what they are about. */
export function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
