import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { execute } from './exec.ts';
import type { Need } from './need.ts';
import { hasProgram } from './program.ts';
import { inScratch } from './scratch.ts';

/** What a host has instead of what it needs, as far as that can be told without changing anything. */
export class Lacks {
  private readonly kinds = new Map<string, Promise<boolean>>();
  private iproute2: Promise<string | undefined> | undefined;

  /** In words; undefined where nothing is lacking, or the host does not say. */
  async lack({ what, which }: Need): Promise<string | undefined> {
    switch (what) {
      case 'kernel':
        return isOlder(kernelVersion(release()), which) ? `Linux ${release()}` : undefined;
      case 'iproute2': {
        this.iproute2 ??= iproute2Version();
        const version = await this.iproute2;
        return isOlder(version, which) ? `iproute2 ${version}` : undefined;
      }
      case 'link': {
        const known = this.kinds.get(which) ?? hasKind(which);
        this.kinds.set(which, known);
        return (await known) ? undefined : `Linux ${release()} without them`;
      }
      case 'program':
        return hasProgram(which) ? undefined : 'no such program';
    }
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

/**
 * Whether the kernel makes links of a kind. One that no module brings (MODULE_ALIAS_RTNL_LINK) is asked for in a namespace
 * that vanishes: the kernel has nothing to load then.
 */
async function hasKind(kind: string): Promise<boolean> {
  if (textOf(`/lib/modules/${release()}/modules.alias`).includes(`alias rtnl-link-${kind} `)) return true;
  try {
    const { stderr } = await execute(inScratch([], { argv: ['ip', 'link', 'add', 'name', 'probe', 'type', kind] }));
    return !stderr.includes('Unknown device type');
  } catch {
    // It cannot be asked.
    return true;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
