import { OrchError } from '../../proto/errors.ts';
import { soundEnvelope } from '../vault/cipher.ts';
import { openValue } from '../vault/vault.ts';
import { literal } from './literal.ts';

/**
 * An encrypted value as data has it: the text itself, which is no template. What no password opens is one that fails where it
 * is rendered, and nowhere else. Throws OrchError without a place for what is damaged.
 */
export function openedValue(text: string): string {
  const sealed = `${text.trim()}\n`;
  try {
    return literal(openValue(sealed));
  } catch (error) {
    if (!(error instanceof OrchError) || !soundEnvelope(sealed)) throw error;
    const words = [error.summary, error.hint ?? '', sealed].map(quoted);
    return `{{ undecryptable(${words.join(', ')}) }}`;
  }
}

/** For a template, without what an id could end it by. */
const quoted = (text: string): string => `"${text.replaceAll(/["\\{}%#]/g, '?')}"`;
