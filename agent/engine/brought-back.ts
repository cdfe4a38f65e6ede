import type { Action } from '../linux/action.ts';
import { sysctlPath } from '../linux/names.ts';
import { deviceOf } from '../modules/shared/sysctl.ts';
import type { Guard } from './guard.ts';
import { moveOf } from './moved-links.ts';
import { addedLinks, type LinkName } from './vanish.ts';

/**
 * Links that the inverses of one undo have made again or moved back: theirs is another index than the lab knew, their sysctls have begun
 * anew, and they are its own.
 */
export class BroughtBack {
  private readonly links = new Set<string>();

  note(actions: readonly Action[]): void {
    const links = actions.flatMap((action) => [...addedLinks(action), moveOf(action)?.to ?? []].flat());
    for (const link of links) this.links.add(keyOf(link));
  }

  has(guard: Guard | undefined): boolean {
    if (guard?.kind === 'link') return this.links.has(keyOf(guard.link));
    if (guard?.kind !== 'sysctl') return false;
    const name = deviceOf(sysctlPath(guard.key));
    return name !== undefined && this.links.has(keyOf({ netns: guard.netns, name }));
  }
}

function keyOf({ netns, name }: LinkName): string {
  return `${netns ?? ''}/${name}`;
}
