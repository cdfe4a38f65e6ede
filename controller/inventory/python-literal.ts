import { loadYaml } from '../source/load-yaml.ts';

const words: ReadonlyMap<string, boolean | null> = new Map([
  ['True', true],
  ['False', false],
  ['None', null],
]);

/**
 * A value of an INI inventory, which Ansible reads as a Python literal (so `True` is a boolean and `yes` a text);
 * what is none is text.
 */
export function pythonLiteral(text: string): unknown {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (/^[-+]?(?:0|[1-9]\d*)$/.test(text)) {
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : text;
  }
  if (/^[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  const quoted = /^(['"])((?:(?!\1)[^\\])*)\1$/.exec(text);
  if (quoted) return quoted[2];
  if (/^(?:\[.*\]|\{(?![{%]).*\})$/s.test(text)) {
    const { documents } = loadYaml(text, '');
    return documents[0]?.value ?? text;
  }
  return text;
}
