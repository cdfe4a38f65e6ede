import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** Names that no other run of the tests has; `sweep` removes what is left of them. */
export class ScratchNetns {
  private readonly prefix = `t${process.pid.toString(36)}${Date.now().toString(36).slice(-4)}`;

  name(short: string): string {
    return `${this.prefix}${short}`;
  }

  sweep(): void {
    for (const name of this.present()) ip('netns', 'delete', name);
  }

  present(): string[] {
    try {
      return readdirSync('/run/netns').filter((name) => name.startsWith(this.prefix));
    } catch {
      return [];
    }
  }
}

/** Runs ip and gives its output back; throws when it fails. */
export function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
