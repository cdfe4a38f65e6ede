import type { Entry, Playbook } from '../types.ts';

/** --tags and --skip-tags; no `only` stands for all. */
export interface TagSelection {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** Whether what has these tags (its own and inherited) runs. `all`, `tagged`, `untagged`, `always` and `never` as in Ansible. */
function isSelected(tags: ReadonlySet<string>, { only, skip }: TagSelection): boolean {
  const own = tags.size > 0 ? tags : new Set(['untagged']);
  // As in Ansible what is tagged as untagged alone is.
  const tagged = own.size > 1 || !own.has('untagged');
  const never = own.has('never');
  const wanted =
    own.has('always') ||
    only.some((tag) => own.has(tag)) ||
    (!never && (only.length === 0 || only.includes('all') || (tagged && only.includes('tagged'))));
  if (!wanted) return false;
  if (skip.includes('all')) return own.has('always') && !skip.includes('always');
  return !skip.some((tag) => own.has(tag)) && !(tagged && skip.includes('tagged'));
}

/**
 * The entries that a selection of tags leaves. Blocks keep what is left in them.
 *
 * @param inherited tags from around the entries: the play's, or an include's `apply`
 */
export function selectEntries(
  entries: readonly Entry[],
  selection: TagSelection,
  inherited: readonly string[] = [],
): Entry[] {
  return entries.flatMap((entry): Entry[] => {
    const tags = [...inherited, ...entry.tags];
    if (entry.kind !== 'block') return isSelected(new Set(tags), selection) ? [entry] : [];
    const [block, rescue, always] = [entry.block, entry.rescue, entry.always].map((part) =>
      selectEntries(part, selection, tags),
    );
    const left = [...(block ?? []), ...(always ?? [])];
    return left.length > 0 ? [{ ...entry, block: block ?? [], rescue: rescue ?? [], always: always ?? [] }] : [];
  });
}

/** The playbook with only the selected tasks. Handlers that are notified run, whatever their tags. */
export function selectTags(playbook: Playbook, selection: TagSelection): Playbook {
  return {
    ...playbook,
    plays: playbook.plays.map((play) => {
      // Facts have the tag `always` unless the play has others; the handlers at its end have both.
      const gathers = isSelected(new Set(play.tags.length > 0 ? play.tags : ['always']), selection);
      const flushes = isSelected(new Set([...play.tags, 'always']), selection);
      const entries = selectEntries(play.entries, selection, play.tags);
      return { ...play, gatherFacts: gathers && play.gatherFacts, flushes, entries };
    }),
  };
}
