import * as z from 'zod';
import type { Host } from '../../../linux/host.ts';
import { taskFailed } from '../programs.ts';
import { joined, tidy } from './path.ts';

/** A path that may start with "~/", the home folder of a user that the task names. */
export const homePath = z.string().regex(/^(~\/[^\0]+|\/[^\0]*)$/, 'is neither an absolute path nor one below ~/');

/** The path with the home folder put in. Throws OrchError where there is no such user. */
export async function fromHome(host: Host, path: string, name: string): Promise<string> {
  if (!path.startsWith('~/')) return tidy(path);
  const user = await host.user(name);
  if (user === undefined) throw taskFailed(`Failed to lookup user ${name}`, 'A user task before this one makes it.');
  return tidy(joined(user.home, path.slice(2)));
}
