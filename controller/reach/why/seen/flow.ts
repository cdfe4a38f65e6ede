import { parseCidr } from '../../../../agent/modules/shared/ip-address.ts';

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
  return plain.test(value) && !key.test(value) && !isOther(value) ? value : quoted(value).yaml;
}

/** What YAML 1.1 takes for a number, a time or one of its words: what begins like a number and is no address, too. */
function isOther(text: string): boolean {
  if (/^(?:0|[1-9]\d{0,9})$/.test(text)) return false;
  const isNumeric = /^(?:[-+.\d]|e[-+\d]+$)/i.test(text) && (parseCidr(text) === undefined || /^[\d:]+$/.test(text));
  return isNumeric || /^(?:null|true|false|yes|no|on|off|y|n)$/i.test(text);
}

/** A text that is one whatever it looks like. */
export function quoted(text: string): Flow {
  // Not all that YAML's readers refuse, or take for the end of a line, is escaped in JSON.
  const json = JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { yaml: /\{[{%#]/.test(text) ? `!unsafe ${json}` : json };
}

/** A list of words; what is given as `quoted` is so in any case. */
export function flowList(...words: readonly (string | Flow)[]): Flow {
  const texts = words.map((word) => flow(typeof word === 'string' && word.includes(',') ? quoted(word) : word));
  return { yaml: `[${texts.join(', ')}]` };
}
