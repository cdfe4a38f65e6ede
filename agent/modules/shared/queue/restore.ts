import { OrchError } from '../../../../proto/errors.ts';
import type { Form } from './form.ts';
import { builtForm, type Device, type Trial } from './read.ts';
import type { Command } from './tree.ts';

/** What tc prints other than it reads it. */
function asWritten(options: string): string[] {
  return options
    .replace(/\b(\d+)p\b/g, '$1')
    .replace(/(\d[KMG]?b)\/\d+/g, '$1')
    .replace(/\blat /g, 'latency ')
    .split(' ')
    .filter((word) => word !== '');
}

/**
 * Commands that bring present queueing back, tried out in a scratch namespace first; undefined when they are not known,
 * as for trees with classes or filters.
 */
export async function restoringCommands(
  host: Trial,
  device: Device,
  form: Form,
): Promise<readonly Command[] | undefined> {
  if ([form.classes, form.filters].some((list) => list.length > 0)) return undefined;
  const commands = form.qdiscs.map(({ key, text }): Command => {
    const [, kind = '', handle = '', ...at] = key.split(' ');
    return ['qdisc', 'add', 'dev', device.dev, ...at, 'handle', handle, kind, ...asWritten(text.slice(key.length))];
  });
  try {
    const again = await builtForm(host, device, commands, undefined, () => true);
    return again.qdiscs.every(({ text }, at) => text === form.qdiscs[at]?.text) ? commands : undefined;
  } catch (error) {
    if (error instanceof OrchError) return undefined;
    throw error;
  }
}
