/** Something that a host must have. */
export interface Need {
  /** kernel, iproute2: a version or a newer one; link: a kind of links that the kernel makes; program: one in the PATH. */
  readonly what: 'kernel' | 'iproute2' | 'link' | 'program';
  /** The first version ("6.7"), the kind of links, or the program's name. */
  readonly which: string;
}
