import { OrchError } from '../../../proto/errors.ts';
import { isNumber } from '../../../proto/float.ts';
import { settings } from '../../config/settings.ts';
import type { SelectedHosts } from '../../inventory/select-hosts.ts';
import type { Inventory } from '../../inventory/types.ts';
import { withCommas } from '../../playbook/parse/host-terms.ts';
import type { HostOrder, Play, Vars } from '../../playbook/types.ts';
import { describe } from '../../playbook/values/describe.ts';
import { isTemplate } from '../../playbook/values/template-check.ts';
import type { Located } from '../../source/located.ts';
import { fixedOrigin, placeOf } from '../../source/origins.ts';
import { type Layer, varsLayer } from '../../vars/layer.ts';
import { groupsOf } from '../../vars/magic.ts';
import { renderLocated } from '../../vars/render.ts';
import { createScope } from '../../vars/scope.ts';
import type { RunContext } from '../state.ts';
import { withKeywords } from './play-keywords.ts';

/** A play with the hosts that it is for. */
export interface SelectedPlay {
  readonly play: Play;
  /** As far as they are known before the run. */
  readonly hosts: readonly string[];
  /** The pattern as it was written, where only the run can tell what it means. */
  readonly pattern?: Located<string>;
}

/** Thrown by what only the run knows. */
const ofTheRun = Symbol('known to the run only');

/**
 * A play's pattern of hosts before the run. Its templates see the play's variables, those of `-e` and the groups, as no host is
 * known yet; undefined: only the run can tell, as it asks for variables of hosts, or for groups where tasks may add some.
 * Throws OrchError.
 */
export function playHosts(
  { hosts, vars }: Play,
  extraVars: Vars,
  { inventory, grows }: { readonly inventory: Inventory; readonly grows: boolean },
): Located<string> | undefined {
  if (!isTemplate(hosts.value)) return hosts;
  const magic: Layer = {
    has: (name) => name === 'groups' || name === 'hostvars',
    get: (name) => {
      if (grows || name === 'hostvars') throw ofTheRun;
      return { data: groupsOf(inventory) };
    },
    names: () => ['groups', 'hostvars'],
  };
  try {
    return rendered(hosts, renderLocated(hosts, createScope([varsLayer(vars), varsLayer(extraVars), magic])));
  } catch (error) {
    if (error === ofTheRun) return undefined;
    throw error;
  }
}

/** The pattern that a template gives. Throws OrchError. */
function rendered(written: Located<string>, value: unknown): Located<string> {
  const where = placeOf(written);
  const text = (one: unknown) => {
    if (typeof one === 'string' || isNumber(one)) return String(one);
    const summary = `"hosts" must be a text or a list of texts, not ${describe(one)}`;
    throw new OrchError({ code: 'playbook-structure', summary, where });
  };
  const pattern = Array.isArray(value) ? value.map((each) => withCommas(text(each))).join(',') : text(value);
  // A column of what it became is none of the file's.
  return { value: pattern, origin: fixedOrigin(where), path: [] };
}

/** What there is to say of names in a pattern that nothing has. */
export function patternWarnings({ unmatched }: Pick<SelectedHosts, 'unmatched'>): readonly string[] {
  if (settings().hostPatternMismatch === 'ignore') return [];
  return unmatched.map((name) => `Could not match supplied host pattern, ignoring: ${name}`);
}

/** The play with its hosts as it begins: tasks before it may have added some, and may have said what its pattern is. */
export function playNow(run: RunContext, { play, pattern }: SelectedPlay): Required<Omit<SelectedPlay, 'pattern'>> {
  const scoped = { play, name: play.name ?? play.hosts.value, hosts: [], batch: [] };
  const asked = { host: 'localhost', vars: [], params: [], locals: {} };
  const render = (located: Located) => run.scope(scoped, asked).render(located);
  const hosts = pattern ? rendered(pattern, render(pattern)) : play.hosts;
  const matched = run.chooseHosts(hosts);
  for (const message of patternWarnings(matched)) run.emit({ type: 'warning', message });
  const now = { ...withKeywords(play, render), hosts };
  return { play: now, hosts: ordered(matched.hosts, now.order) };
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
