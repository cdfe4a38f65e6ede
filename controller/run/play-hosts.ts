import { isTemplate } from '../playbook/template-check.ts';
import type { Play, Vars } from '../playbook/types.ts';
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
