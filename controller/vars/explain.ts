import type { SaidVars } from '../inventory/types.ts';
import type { Play } from '../playbook/types.ts';
import { placeOf } from '../source/origins.ts';
import { pythonJson } from '../template/python/json.ts';
import { hideSecrets } from '../vault/secret-texts.ts';
import { roleSources } from './roles.ts';

/** What a play says for each of its hosts, as `layersOf` has it: what the inventory and facts win over, then what wins over them. */
export function saidOfPlay(play: Play): { readonly below: readonly SaidVars[]; readonly above: readonly SaidVars[] } {
  const { roleDefaults = [], roleVars = [] } = roleSources({ play: play.roles, around: [] });
  const files = play.varsFiles.flatMap(({ vars }) => (vars ? [{ of: 'vars_files', vars }] : []));
  return {
    below: roleDefaults.map((vars) => ({ of: 'defaults of a role', vars })),
    above: [
      { of: 'vars of the play', vars: play.vars },
      ...files,
      ...roleVars.map((vars) => ({ of: 'vars of a role', vars })),
    ],
  };
}

/** A value on one line, as it is written, but without secrets, which nobody finds once they are cut; long ones are. */
function brief(value: unknown): string {
  const text =
    typeof value === 'string' ? value : pythonJson(value, { indent: undefined, sortKeys: false, ascii: false });
  const line = hideSecrets(text)
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}

/**
 * Each variable with its value as it is written, the place that says it, and the places that lose, strongest first.
 * `said`: from what loses to what wins; `only`: one name.
 */
export function explained(said: readonly SaidVars[], only?: string): string {
  const names = [...new Set(said.flatMap(({ vars }) => [...vars.keys()]))].sort();
  const blocks = names.flatMap((name) => {
    if (only !== undefined && name !== only) return [];
    const lines = said.flatMap(({ of, vars }) => {
      const value = vars.get(name);
      if (value === undefined) return [];
      const { file, line, column } = placeOf(value);
      return [{ at: `${file}:${line}:${column}`, of, value: brief(value.value) }];
    });
    const [won, ...lost] = lines.reverse();
    if (won === undefined) return [];
    const losers = lost.map(({ at, of, value }) => `  lost  ${at}  ${of}: ${value}\n`);
    return [`${name}: ${won.value}\n  won   ${won.at}  ${won.of}\n${losers.join('')}`];
  });
  return blocks.join('');
}
