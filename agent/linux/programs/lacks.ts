import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { execute } from './exec.ts';
import { canLoad, isBuiltWith } from './kernel-config.ts';
import type { Need } from './need.ts';
import { hasProgram } from './program.ts';
import { inScratch } from './scratch.ts';

/**
 * What a host has instead of what it needs, as far as that can be told without changing anything. Only what it has is
 * remembered: what it lacks may be installed at any time.
 */
export class Lacks {
  private readonly kinds = new Set<string>();
  private readonly parts = new Set<string>();
  private iproute2: string | undefined;
  private asking: Promise<string | undefined> | undefined;

  /** In words; undefined where nothing is lacking, or the host does not say. */
  async lack({ what, which }: Need): Promise<string | undefined> {
    switch (what) {
      case 'kernel':
        return isOlder(kernelVersion(release()), which) ? `Linux ${release()}` : undefined;
      case 'iproute2':
        if (this.iproute2 === undefined || isOlder(this.iproute2, which)) this.iproute2 = await this.askIproute2();
        return isOlder(this.iproute2, which) ? `iproute2 ${this.iproute2}` : undefined;
      case 'link':
        return (await this.hasKind(which)) ? undefined : `Linux ${release()} without them`;
      case 'module':
        return hasModule(which) ? undefined : 'not loaded it';
      case 'loadable':
        return this.once(which, canLoad) ? undefined : 'not installed it';
      case 'config':
        return this.once(which, isBuiltWith) ? undefined : `Linux ${release()} without it`;
      case 'sysctl':
        return existsSync(`/proc/sys/${which}`) ? undefined : 'no such key (sysctl -a shows all)';
      case 'program':
        return hasProgram(which) ? undefined : 'no such program';
    }
  }

  /** Files of a kernel are read until they have it. */
  private once(which: string, has: (which: string) => boolean): boolean {
    if (!this.parts.has(which) && has(which)) this.parts.add(which);
    return this.parts.has(which);
  }

  /** Once for all needs that are looked at side by side. */
  private askIproute2(): Promise<string | undefined> {
    this.asking ??= iproute2Version().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** Whether the kernel makes links of a kind, by itself or with a module that says so (MODULE_ALIAS_RTNL_LINK). */
  private async hasKind(kind: string): Promise<boolean> {
    if (this.kinds.size === 0) for (const loadable of loadableKinds()) this.kinds.add(loadable);
    if (!this.kinds.has(kind) && (await makesKind(kind))) this.kinds.add(kind);
    return this.kinds.has(kind);
  }
}

/** Kernels of RHEL and its like have much of later ones: their number says nothing. */
export function kernelVersion(text: string): string | undefined {
  return /\.el\d/.test(text) ? undefined : /^\d+\.\d+/.exec(text)?.[0];
}

/** True when a version is known to be before another one. */
export function isOlder(version: string | undefined, than: string): boolean {
  if (version === undefined) return false;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split('.').map(Number);
  return major === thanMajor ? minor < thanMinor : major < thanMajor;
}

/** "ip utility, iproute2-6.1.0, libbpf 1.1.0"; before 5.5 it had no number. */
async function iproute2Version(): Promise<string | undefined> {
  const { stdout } = await execute({ argv: ['ip', '-V'] });
  return /iproute2-(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
}

/** Parts of the kernel's own image have no folder below /sys/module where they have no parameters. */
function hasModule(name: string): boolean {
  if (existsSync(`/sys/module/${name}`)) return true;
  try {
    return readFileSync(`/lib/modules/${release()}/modules.builtin`, 'latin1').includes(`/${name}.ko\n`);
  } catch {
    // It can't be told.
    return true;
  }
}

function loadableKinds(): string[] {
  try {
    const aliases = readFileSync(`/lib/modules/${release()}/modules.alias`, 'latin1');
    return [...aliases.matchAll(/^alias rtnl-link-(\S+) /gm)].map(([, kind = '']) => kind);
  } catch {
    return [];
  }
}

/** Asks for a kind that no module brings, in a namespace that vanishes: the kernel has nothing to load then. */
async function makesKind(kind: string): Promise<boolean> {
  try {
    const { stderr } = await execute(inScratch([], { argv: ['ip', 'link', 'add', 'name', 'probe', 'type', kind] }));
    return !stderr.includes('Unknown device type');
  } catch {
    // It cannot be asked.
    return true;
  }
}
