import { OrchError } from '../../../proto/errors.ts';
import type { Inventory } from '../../inventory/types.ts';
import type { Common, Entry, Play, Playbook, Vars } from '../../playbook/types.ts';
import { isTemplate } from '../../playbook/values/template-check.ts';
import type { Located } from '../../source/located.ts';
import { optionText } from '../../source/origins.ts';
import { str } from '../../template/python/text.ts';
import { groupsOf } from '../../vars/magic.ts';
import { layersOf } from '../../vars/precedence.ts';
import { renderLocated } from '../../vars/render.ts';
import { roleMagic, roleSources } from '../../vars/roles.ts';
import { createScope } from '../../vars/scope.ts';

type Render = (located: Located) => unknown;

/** Renders a template as what has these around it, outermost first, and itself last, sees the variables. */
type RenderIn = (chain: readonly Common[]) => Render;

/** Words of a template; it stays as it is where nobody here knows its variables. */
function wordsOf(tag: string, render: Render): readonly string[] {
  if (!isTemplate(tag)) return [tag];
  try {
    const value = render(optionText('tags', tag));
    return Array.isArray(value) ? value.map(str) : [str(value)];
  } catch (error) {
    if (error instanceof OrchError) return [tag];
    throw error;
  }
}

/** The words of all templates in tags. */
export function renderedTags(tags: readonly string[], render: () => Render): readonly string[] {
  return tags.some(isTemplate) ? tags.flatMap((tag) => wordsOf(tag, render())) : tags;
}

/** The same entries with the templates of their tags rendered; `around`: the blocks they stand in. */
export function withTags(
  entries: readonly Entry[],
  renderIn: RenderIn,
  around: readonly Common[] = [],
): readonly Entry[] {
  return entries.map((entry): Entry => {
    const chain = [...around, entry];
    const tags = renderedTags(entry.tags, () => renderIn(chain));
    if (entry.kind !== 'block') return tags === entry.tags ? entry : { ...entry, tags };
    const [block, rescue, always] = [entry.block, entry.rescue, entry.always].map((part) =>
      withTags(part, renderIn, chain),
    );
    return { ...entry, tags, block: block ?? [], rescue: rescue ?? [], always: always ?? [] };
  });
}

function playWith(play: Play, extra: Vars, inventory: Inventory): Play {
  const locals = {
    ...roleMagic({ play: play.roles, around: [] }),
    ansible_play_name: play.name ?? play.hosts.value,
    groups: groupsOf(inventory),
  };
  const sources = {
    locals,
    ...roleSources({ play: play.roles, around: [] }),
    play: play.vars,
    varsFiles: play.varsFiles.flatMap(({ vars }) => vars ?? []),
    extra,
  };
  const renderIn: RenderIn = (chain) => {
    const scope = createScope(layersOf({ ...sources, tasks: chain.map(({ vars }) => vars) }));
    return (located) => renderLocated(located, scope);
  };
  const own = (tags: readonly string[]) => renderedTags(tags, () => renderIn([]));
  const around = play.around.map((common) => ({ ...common, tags: own(common.tags) }));
  const name = play.name === undefined ? undefined : own([play.name]).join();
  return { ...play, name, tags: own(play.tags), around, entries: withTags(play.entries, renderIn) };
}

/**
 * The playbook with the templates of tags and of the plays' names rendered, which see the variables of the play, of its roles, of
 * what is around, and of -e, what the play and its roles are called, and the groups.
 */
export function withRenderedTags(
  playbook: Playbook,
  { extraVars, inventory }: { readonly extraVars: Vars; readonly inventory: Inventory },
): Playbook {
  return { ...playbook, plays: playbook.plays.map((play) => playWith(play, extraVars, inventory)) };
}
