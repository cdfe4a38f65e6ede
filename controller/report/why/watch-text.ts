import { cleanLine } from '../clean.ts';
import { duration } from '../format.ts';
import type { Style } from '../style.ts';
import { pad, widest } from '../width.ts';
import { wrap } from '../wrap.ts';
import type { Loss, SeenChange } from './watch-types.ts';

/** Most changes that are shown: the last ones before the loss. */
const mostShown = 12;
const timeWidth = 16;

/** When it was, seen from the loss. */
function when(us: number, loss: Loss): string {
  const apart = Math.abs(us - loss.us) / 1000;
  return `${duration(apart)} ${us <= loss.us ? 'before' : 'after'}`;
}

/** What changed on the way just before a loss. */
export function changesText(
  changes: readonly SeenChange[],
  loss: Loss,
  leftOut: number,
  columns: number,
  style: Style,
): string {
  const since =
    loss.answeredUs === undefined ? 'since this watch began' : `since the last answer, ${when(loss.answeredUs, loss)}`;
  if (changes.length === 0) return `no change was seen on the way ${since}\n`;
  const shown = changes.slice(-mostShown);
  const left = changes.length - shown.length + leftOut;
  const places = shown.map(({ host, netns }) => cleanLine(netns === '' ? host : `${host}/${netns}`));
  const placeWidth = widest(places) + 2;
  const lines = shown.flatMap((change, index) => {
    const indent = 2 + timeWidth + placeWidth;
    const head = pad(pad('  ', 2) + when(change.us, loss), 2 + timeWidth) + pad(places[index] ?? '', placeWidth);
    const words = wrap(cleanLine(`${change.what}: ${change.text}`), Math.max(20, columns - indent));
    return words.map((line, at) => (at === 0 ? head : pad('', indent)) + style.changed(line));
  });
  return [`changed on the way ${since}${left > 0 ? ` (${left} more are not shown)` : ''}:`, ...lines, ''].join('\n');
}

/** How it went until now, in one line. */
export function tallyText(
  { from, to }: { readonly from: string; readonly to: string },
  { sent, answered }: { readonly sent: number; readonly answered: number },
  rttMs: number | undefined,
): string {
  const rtt = rttMs === undefined ? '' : `, the last in ${rttMs.toFixed(2)} ms`;
  return cleanLine(`${from} -> ${to}: ${answered} of ${sent} answered${rtt}`);
}
