import type { Btf } from './btf.ts';

/** How the arguments of a dynamic event are written (Documentation/trace/kprobetrace.rst): with places out of BTF. */
export class Syntax {
  private readonly btf: Btf;

  constructor(btf: Btf) {
    this.btf = btf;
  }

  /** A pointer that a function is given. Undefined: the kernel does not say where it is. */
  param(func: string, name: string): string | undefined {
    const place = this.btf.parameter(func, name);
    return place === undefined ? undefined : `$arg${place}`;
  }

  /** A member of the struct that a pointer leads to. Undefined: there is none. */
  member(pointer: string, struct: string, path: string): string | undefined {
    const offset = this.btf.offset(struct, path);
    return offset === undefined ? undefined : `+${offset}(${pointer})`;
  }
}
