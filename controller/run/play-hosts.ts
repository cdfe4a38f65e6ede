import { isTemplate } from '../playbook/template-check.ts';
import type { HostOrder, Play, Vars } from '../playbook/types.ts';
import type { Located } from '../source/located.ts';
import { fixedOrigin, placeOf } from '../source/origins.ts';
import { varsLayer } from '../vars/layer.ts';
import { renderLocated } from '../vars/render.ts';
import { createScope } from '../vars/scope.ts';

/**
 * A play's pattern of hosts. Its templates see the play's variables and those of `-e`, as no host is known yet.
 * Throws OrchError.
 */
export function playHosts({ hosts, vars }: Play, extraVars: Vars): Located<string> {
  if (!isTemplate(hosts.value)) return hosts;
  const value = renderLocated(hosts, createScope([varsLayer(vars), varsLayer(extraVars)]));
  // A column of what it became is none of the file's.
  const origin = fixedOrigin(placeOf(hosts));
  return { value: Array.isArray(value) ? value.join(',') : String(value), origin, path: [] };
}

/** The hosts of a play in the order it asks for; `hosts` are in the inventory's. */
export function ordered(hosts: readonly string[], order: HostOrder | undefined): readonly string[] {
  switch (order) {
    case 'reverse_inventory':
      return [...hosts].reverse();
    case 'sorted':
      return [...hosts].sort();
    case 'reverse_sorted':
      return [...hosts].sort().reverse();
    case 'shuffle':
      return hosts
        .map((host) => ({ host, at: Math.random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ host }) => host);
    default:
      return hosts;
  }
}
