import type { Keyboard } from '../../connect/asking/keyboard.ts';

/** What Ctrl-C is read as. */
export const interrupted = Symbol('interrupted');

const ctrlC = '\u0003';
const enters: ReadonlySet<string> = new Set(['\r', '\n']);
const erasers: ReadonlySet<string> = new Set(['\u007f', '\b']);

/** One of the keys, in lower case, or Ctrl-C; undefined once so many milliseconds are over. */
export function typedKey(
  keyboard: Keyboard,
  signal: AbortSignal,
  keys: string,
  milliseconds?: number,
): Promise<string | typeof interrupted | undefined> {
  const take = (key: string) => {
    if (key === ctrlC) return interrupted;
    return keys.includes(key.toLowerCase()) ? key.toLowerCase() : undefined;
  };
  return keyboard.read(take, signal, milliseconds);
}

/** What is typed before Enter, where the last key can be taken back; or Ctrl-C. */
export async function typedLine(
  keyboard: Keyboard,
  signal: AbortSignal,
  echo: boolean,
): Promise<string | typeof interrupted> {
  let line = '';
  const show = (text: string) => {
    if (echo) keyboard.echo(text);
  };
  const take = (key: string) => {
    if (key === ctrlC) return interrupted;
    if (enters.has(key)) return line;
    if (!erasers.has(key)) {
      line += key;
      show(key);
    } else if (line !== '') {
      line = line.replace(/.$/u, '');
      show('\b \b');
    }
    return undefined;
  };
  const typed = (await keyboard.read(take, signal)) ?? line;
  keyboard.echo('\n');
  return typed;
}
