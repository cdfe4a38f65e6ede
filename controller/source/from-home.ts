import { homedir } from 'node:os';

/** A path of the workstation with the home of who runs orch in place of a "~" that begins it. */
export function fromHome(path: string): string {
  return path.replace(/^~(?=\/|$)/, () => homedir());
}
