/** A set or map as `nft list` prints it, with its elements. */
const sets = /^\t(?:set|map) \S+ \{\n(?:\t\t.*\n)*?\t\}\n/gm;
const elementsOf = /^\t\telements = \{ ([\s\S]*?) \}\n/m;
/** Elements are separated by commas outside of quotes. */
const element = /(?:"[^"]*"|[^",])+/g;

interface SetText {
  readonly name: string;
  readonly text: string;
  readonly elements: readonly string[];
  /** Packets or the clock may change its elements. */
  readonly lively: boolean;
  /** Elements without a time of their own go after this one. */
  readonly expires: boolean;
}

function parseSet(text: string): SetText {
  const list = elementsOf.exec(text)?.[1] ?? '';
  const head = text.replace(elementsOf, '');
  return {
    name: text.split(' ')[1] ?? '',
    text,
    elements: [...list.matchAll(element)].map(([one]) => one.trim().replace(/\s+/g, ' ')),
    lively: /^\t\tflags .*\b(dynamic|timeout)\b/m.test(head),
    expires: /^\t\ttimeout /m.test(head),
  };
}

function withElements(set: SetText, elements: readonly string[]): string {
  const head = set.text.replace(elementsOf, '');
  if (elements.length === 0) return head;
  return head.replace(/\t\}\n$/, `\t\telements = { ${elements.join(',\n\t\t\t     ')} }\n\t}\n`);
}

/**
 * Two listings of one table, less what packets and the clock do to sets that have the flag dynamic or timeout: elements
 * that come and go do not count, those that are to stay must be there.
 */
export function withoutPassing(present: string, wanted: string): { present: string; wanted: string } {
  const staying = new Map<string, readonly string[]>();
  const strippedWanted = wanted.replace(sets, (text) => {
    const set = parseSet(text);
    if (!set.lively) return text;
    const kept = set.expires ? [] : set.elements.filter((one) => !/ timeout /.test(one));
    staying.set(set.name, kept);
    return withElements(set, kept);
  });
  const strippedPresent = present.replace(sets, (text) => {
    const set = parseSet(text);
    if (!set.lively) return text;
    const kept = staying.get(set.name) ?? [];
    return withElements(
      set,
      kept.filter((one) => set.elements.includes(one)),
    );
  });
  return { present: strippedPresent, wanted: strippedWanted };
}
