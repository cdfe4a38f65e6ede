import { OrchError } from '../../../proto/errors.ts';

/** Where `ip netns` keeps named namespaces (ip-netns(8)). */
export const netnsDir = '/run/netns';

/**
 * True for what can be the name of a network namespace: one file name, 1 to 255 bytes, no '/', not '.' or '..', and no blank
 * or control character.
 */
export function isNetnsName(name: string): boolean {
  const fits = name.length > 0 && Buffer.byteLength(name) <= 255 && name !== '.' && name !== '..';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return fits && !name.startsWith('-') && !/[/\s\u0000-\u001f\u007f]/.test(name);
}

/** Path of a named network namespace. Throws OrchError 'invalid-parameter' for what can't be the name of one. */
export function netnsPath(name: string): string {
  if (!isNetnsName(name)) {
    throw new OrchError({
      code: 'invalid-parameter',
      summary: `${JSON.stringify(name)} cannot be the name of a network namespace.`,
      hint: 'A name has 1 to 255 bytes, no "/", no blank, and does not start with "-".',
    });
  }
  return `${netnsDir}/${name}`;
}

/**
 * Path below /proc/sys of a sysctl key in dotted or slashed form. As sysctl(8): the separator that comes first decides,
 * and in the dotted form a '/' stands for a dot of a name ("net.ipv4.conf.eth0/100.rp_filter").
 * Throws OrchError 'invalid-parameter' for a key that would leave /proc/sys.
 */
export function sysctlPath(key: string): string {
  const dotted = /[./]/.exec(key)?.[0] === '.';
  const path = dotted ? key.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.')) : key;
  const parts = path.split('/');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\u0000-\u001f]/.test(path)) {
    throw new OrchError({ code: 'invalid-parameter', summary: `${JSON.stringify(key)} is no sysctl key.` });
  }
  return path;
}
