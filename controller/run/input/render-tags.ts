import { OrchError } from '../../../proto/errors.ts';
import { isTemplate } from '../../playbook/template-check.ts';
import type { Common, Entry, Play, Playbook, Vars } from '../../playbook/types.ts';
import { optionText } from '../../source/origins.ts';
import { str } from '../../template/python/text.ts';
import { varsLayer } from '../../vars/layer.ts';
import { renderLocated } from '../../vars/render.ts';
import { createScope } from '../../vars/scope.ts';

type Render = (tags: readonly string[], vars: readonly Vars[]) => readonly string[];

/** Words of a template; it stays as it is where only the run knows its variables. */
function wordsOf(tag: string, vars: readonly Vars[]): readonly string[] {
  if (!isTemplate(tag)) return [tag];
  try {
    const value = renderLocated(optionText('tags', tag), createScope(vars.map(varsLayer)));
    return Array.isArray(value) ? value.map(str) : [str(value)];
  } catch (error) {
    if (error instanceof OrchError) return [tag];
    throw error;
  }
}

function entryWith(entry: Entry, render: Render, around: readonly Vars[]): Entry {
  const vars = [...around, entry.vars];
  const within = <T extends Common>(common: T): T => ({ ...common, tags: render(common.tags, vars) });
  if (entry.kind !== 'block') return within(entry);
  const parts = (entries: readonly Entry[]) => entries.map((inner) => entryWith(inner, render, vars));
  const { block, rescue, always } = entry;
  return { ...within(entry), block: parts(block), rescue: parts(rescue), always: parts(always) };
}

function playWith(play: Play, extraVars: Vars): Play {
  const render: Render = (tags, vars) => tags.flatMap((tag) => wordsOf(tag, [...vars, extraVars]));
  const around = play.around.map((common) => ({ ...common, tags: render(common.tags, [play.vars]) }));
  const entries = play.entries.map((entry) => entryWith(entry, render, [play.vars]));
  const name = play.name === undefined ? undefined : render([play.name], [play.vars]).join();
  return { ...play, name, tags: render(play.tags, [play.vars]), around, entries };
}

/** The playbook with the templates of tags and of the plays' names rendered, which see the variables of the play, of what is around, and of -e. */
export function withRenderedTags(playbook: Playbook, extraVars: Vars): Playbook {
  return { ...playbook, plays: playbook.plays.map((play) => playWith(play, extraVars)) };
}
