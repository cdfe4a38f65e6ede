import type { ObjectRef } from '../modules/module.ts';

/** Objects that check mode would have made in this run. */
export class Promises {
  private readonly refs = new Set<string>();

  add(refs: readonly ObjectRef[]): void {
    for (const ref of refs) this.refs.add(key(ref));
  }

  /** A namespace comes with its lo. */
  has(ref: ObjectRef): boolean {
    if (this.refs.has(key(ref))) return true;
    const isLo = ref.kind === 'link' && ref.name === 'lo';
    return isLo && ref.netns !== undefined && this.has({ kind: 'netns', name: ref.netns });
  }
}

function key(ref: ObjectRef): string {
  if (ref.kind === 'path') return `path ${ref.path}`;
  return ref.kind === 'netns' ? `netns ${ref.name}` : `link ${ref.netns ?? ''}/${ref.name}`;
}
