import { settings } from '../config/settings.ts';
import { type Terminal, terminalOf } from '../report/terminal.ts';

/** Standard output, with colours as the environment and the settings want them. */
export function ownTerminal(): Terminal {
  return terminalOf(process.stdout, process.env, settings());
}
