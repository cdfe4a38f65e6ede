/** Longest link name in bytes: the kernel's IFNAMSIZ (16) less the closing NUL. */
const longestLinkName = 15;
/** Longest file name (NAME_MAX): a netns is a file in /run/netns. */
const longestFileName = 255;

function bytes(text: string): number {
  return Buffer.byteLength(text);
}

/** Blanks as the kernel's isspace() sees them, and other control characters. */
function hasBlank(text: string): boolean {
  return [...text].some((character) => character <= ' ' || character === '\u007f' || character === '\u00a0');
}

/**
 * Why the kernel would not take this as a link name (net/core/dev.c, dev_valid_name), or undefined when it would.
 * `%` is refused as well: the kernel would replace `%d` by a number.
 */
export function linkNameProblem(name: string): string | undefined {
  if (name === '') return 'a link name cannot be empty';
  if (bytes(name) > longestLinkName) {
    return `link name ${JSON.stringify(name)} is ${bytes(name)} bytes long; the kernel takes ${longestLinkName}`;
  }
  if (name === '.' || name === '..') return `${JSON.stringify(name)} cannot name a link`;
  if (/[/:%]/.test(name)) return `link name ${JSON.stringify(name)} holds /, : or %, which the kernel does not take`;
  if (hasBlank(name)) return `link name ${JSON.stringify(name)} holds a blank, which the kernel does not take`;
  return undefined;
}

/** Why this cannot name a network namespace (a file in /run/netns), or undefined when it can. */
export function netnsNameProblem(name: string): string | undefined {
  if (name === '') return 'a netns name cannot be empty';
  if (bytes(name) > longestFileName) {
    return `the netns name is ${bytes(name)} bytes long; file names end at ${longestFileName}`;
  }
  if (name === '.' || name === '..' || name.includes('/')) {
    return `${JSON.stringify(name)} cannot name a netns: it is a file in /run/netns`;
  }
  if (name.startsWith('-')) return `netns name ${JSON.stringify(name)} would be read as an option of ip`;
  if (hasBlank(name)) return `netns name ${JSON.stringify(name)} holds a blank`;
  return undefined;
}
