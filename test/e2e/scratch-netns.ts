import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const filesDir = '/etc/netns';

/** Names that no other run of the tests has; `sweep` removes what is left of them. */
export class ScratchNetns {
  private readonly prefix = `t${process.pid.toString(36)}${Date.now().toString(36).slice(-4)}`;

  name(short: string): string {
    return `${this.prefix}${short}`;
  }

  sweep(): void {
    for (const name of this.present()) ip('netns', 'delete', name);
    for (const name of this.files) rmSync(join(filesDir, name), { recursive: true });
  }

  /** Folders with files of these namespaces. */
  get files(): string[] {
    return this.own(filesDir);
  }

  present(): string[] {
    return this.own('/run/netns');
  }

  private own(folder: string): string[] {
    try {
      return readdirSync(folder).filter((name) => name.startsWith(this.prefix));
    } catch {
      return [];
    }
  }
}

/** Runs ip and gives its output back; throws when it fails. */
export function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
