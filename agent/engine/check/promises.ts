import type { ObjectRef } from '../../modules/module.ts';
import { placed } from '../../modules/shared/place.ts';

/** Objects that check mode would have made in this run. */
export class Promises {
  private readonly refs = new Set<string>();
  private readonly ids = new Map<string, number>();

  add(refs: readonly ObjectRef[]): void {
    for (const ref of refs) {
      this.refs.add(key(ref));
      if (ref.kind !== 'user' && ref.kind !== 'group') continue;
      this.ids.set(key(ref), ref.id ?? this.ids.get(key(ref)) ?? nobodys - this.ids.size);
    }
  }

  clear(): void {
    this.refs.clear();
    this.ids.clear();
  }

  /** Takes back what a task would remove, in the words of its steps ("link ns01/br0"); with a namespace go its links. */
  withdraw(objects: readonly string[]): void {
    for (const object of objects) {
      const [kind, name] = object.split(' ');
      const inside = kind === 'netns' ? `link ${name}/` : undefined;
      for (const ref of this.refs) {
        if (ref !== object && (inside === undefined || !ref.startsWith(inside))) continue;
        this.refs.delete(ref);
        this.ids.delete(ref);
      }
    }
  }

  /** The number that an account would have; where nobody can know it, one that no account has. */
  idOf(kind: 'user' | 'group', name: string): number | undefined {
    return this.ids.get(key({ kind, name }));
  }

  /** A namespace comes with its lo. */
  has(ref: ObjectRef): boolean {
    if (this.refs.has(key(ref))) return true;
    const isLo = ref.kind === 'link' && ref.name === 'lo';
    return isLo && ref.netns !== undefined && this.has({ kind: 'netns', name: ref.netns });
  }
}

/** The kernel's last numbers of accounts, but for those that mean something: -1 and -2. */
const nobodys = 0xfffffffd;

function key(ref: ObjectRef): string {
  return ref.kind === 'link' ? `link ${placed(ref.netns, ref.name)}` : `${ref.kind} ${ref.name}`;
}
