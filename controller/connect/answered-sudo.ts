import { type Duplex, type Readable, Transform } from 'node:stream';
import { becomePrompt } from './bootstrap/bootstrap-script.ts';
import type { Secret } from './types.ts';

/** Said where sudo is over: what a person's shell shows from then on is others' words. */
export const shellBanner = 'orch-shell-begins';

/**
 * What a terminal shows, of which sudo's question and the banner are left out: sudo is given the password that is known already,
 * once. A second question is the person's, and whatever reads like one behind the banner is anybody's.
 */
export function answeredSudo(channel: Duplex, secret: Secret): Readable {
  let asked = false;
  let begun = false;
  /** What may be the beginning of a word that is looked for. */
  let held = '';
  const output = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (begun) return done(null, chunk);
      let text = held + chunk.toString('latin1');
      const end = text.indexOf(shellBanner);
      begun = end >= 0;
      const ahead = begun ? text.slice(0, end) : text;
      if (!asked && ahead.includes(becomePrompt)) {
        asked = true;
        void secret().then(
          (answer) => channel.write(`${answer}\n`),
          () => channel.destroy(),
        );
        text = text.replace(becomePrompt, '');
      }
      text = text.replace(shellBanner, '');
      held = begun ? '' : begunWord(text, asked ? [shellBanner] : [shellBanner, becomePrompt]);
      done(null, Buffer.from(text.slice(0, text.length - held.length), 'latin1'));
    },
    flush: (done) => done(null, Buffer.from(held, 'latin1')),
  });
  return channel.pipe(output);
}

/** The longest end of a text that one of the words begins with. */
function begunWord(text: string, words: readonly string[]): string {
  const ends = words.flatMap((word) => Array.from(word, (_, length) => word.slice(0, length)));
  return ends.reduce((longest, end) => (end.length > longest.length && text.endsWith(end) ? end : longest), '');
}
