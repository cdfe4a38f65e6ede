/** Text that is YAML already. */
export interface Flow {
  readonly yaml: string;
}

/** What YAML and templates take for nothing but itself. */
const plain = /^[\w/.:][\w/.:@%+,-]*(?: [\w/.:@%+,-]+)*$/;
/** What ends a key. */
const key = /:(?: |$)/;

/**
 * A value as YAML on one line. The words may be those of a host that is in others' hands, and a mend is carried out, or pasted
 * into a play: nothing in them is another key or task, or a template.
 */
export function flow(value: string | number | boolean | Flow): string {
  if (typeof value === 'object') return value.yaml;
  if (typeof value !== 'string') return String(value);
  return plain.test(value) && !key.test(value) ? value : quoted(value).yaml;
}

/** A text that is one whatever it looks like. */
export function quoted(text: string): Flow {
  const json = JSON.stringify(text);
  return { yaml: /\{[{%#]/.test(text) ? `!unsafe ${json}` : json };
}

/** A list of words; what is given as `quoted` is so in any case. */
export function flowList(...words: readonly (string | Flow)[]): Flow {
  const texts = words.map((word) => flow(typeof word === 'string' && word.includes(',') ? quoted(word) : word));
  return { yaml: `[${texts.join(', ')}]` };
}
