import { cleanLine } from '../clean.ts';
import type { Style } from '../style.ts';
import type { RunSettled } from '../types.ts';

/** What became of a run that had to be confirmed, host by host. */
export function settledText({ kept, reason, hosts }: RunSettled, style: Style): string {
  const names = hosts.map(({ host }) => cleanLine(host)).join(', ');
  if (kept) return `\n${style.good(`confirmed: reached anew and kept on ${names}`)}`;
  const paint = { kept: style.good, 'taken-back': style.changed, unknown: style.bad };
  const words = { kept: 'kept', 'taken-back': 'taken back', unknown: 'not known' };
  return [
    '',
    style.bad(`not confirmed: ${cleanLine(reason)}`),
    ...hosts.map(
      ({ host, state, message }) =>
        `  ${cleanLine(host)}: ${paint[state](words[state])}${message === '' ? '' : ` (${cleanLine(message)})`}`,
    ),
  ].join('\n');
}

/** The same of a run that was named, or that hosts said they wait with. */
export function confirmedText(lab: string, run: string, settled: RunSettled, style: Style): string {
  return `${cleanLine(`lab ${lab}: run ${run}`)}\n${settledText(settled, style)}\n`;
}
