import { homedir } from 'node:os';
import { join } from 'node:path';

/** What stands below it by default stands below another one, where ANSIBLE_HOME says so. */
export const usualHome = join(homedir(), '.ansible');

/** Where Ansible looks for plugins of a kind that nobody names a folder for. */
export function ownPlugins(kind: string): readonly string[] {
  return [join(usualHome, 'plugins', kind), join('/usr/share/ansible/plugins', kind)];
}

/** Default places as they are with another home than the usual one. */
export function below(home: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => below(home, one));
  const isThere = typeof value === 'string' && value.startsWith(`${usualHome}/`);
  return isThere ? join(home, value.slice(usualHome.length)) : value;
}
