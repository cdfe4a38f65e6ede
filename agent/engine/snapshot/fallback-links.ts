import { fixedLinks } from '../../modules/shared/link/fixed.ts';
import { object, texts } from '../../modules/shared/rows.ts';
import type { Risk } from './risks.ts';
import type { Difference } from './state.ts';

/** Links that modules of the kernel make for themselves when they are loaded. */
const made: Readonly<Record<string, readonly string[]>> = {
  // drivers/net/dummy.c numdummies, drivers/net/ifb.c numifbs, drivers/net/bonding/bond_main.c max_bonds.
  dummy: ['dummy0'],
  ifb: ['ifb0', 'ifb1'],
  bond: ['bond0'],
};

/** The link came by itself and nobody uses it. */
export function isFallback({ section, key, before, after }: Difference): boolean {
  if (section !== 'links' || before !== undefined || typeof after !== 'object') return false;
  if (texts(after, 'flags').includes('UP') || 'master' in after) return false;
  const kind = String(object(after, 'linkinfo').info_kind);
  return fixedLinks.has(key) || made[kind]?.includes(key) === true;
}

/** It can be removed, and a link of this type which the lab made was what loaded the module. */
export function isLabsFallback(difference: Difference, risks: readonly Risk[]): boolean {
  if (!isFallback(difference) || fixedLinks.has(difference.key)) return false;
  return risks.some((risk) => risk.kind === 'module' && made[risk.type]?.includes(difference.key));
}
