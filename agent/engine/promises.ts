import type { ObjectRef } from '../modules/module.ts';

/** Objects that check mode would have made in this run. */
export class Promises {
  private readonly refs = new Set<string>();

  add(refs: readonly ObjectRef[]): void {
    for (const ref of refs) this.refs.add(key(ref));
  }

  has(ref: ObjectRef): boolean {
    return this.refs.has(key(ref));
  }
}

function key(ref: ObjectRef): string {
  if (ref.kind === 'path') return `path ${ref.path}`;
  return ref.kind === 'netns' ? `netns ${ref.name}` : `link ${ref.netns ?? ''}/${ref.name}`;
}
