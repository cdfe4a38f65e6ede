/** Something that a host must have. */
export interface Need {
  /**
   * kernel, iproute2: a version or a newer one; link: a kind of links that the kernel makes; module: one of the kernel that
   * it does not load by itself; loadable: one that it loads when it is asked for what that brings; config: an option that the
   * kernel was built with; sysctl: a key; program: one in the PATH.
   */
  readonly what: 'kernel' | 'iproute2' | 'link' | 'module' | 'loadable' | 'config' | 'sysctl' | 'program';
  /** The first version ("6.7"), the kind of links, the module's or the program's name, the option without CONFIG_, the key's path. */
  readonly which: string;
}
