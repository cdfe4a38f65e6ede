/** ip's words for the kernel's numbers, as far as no file of /etc/iproute2 is likely to say otherwise. */
export const scopes = new Map([
  [0, 'global'],
  [253, 'link'],
  [254, 'host'],
]);

/** inet_ntop(3). Undefined for a wrong length, and for IPv6 addresses that are written with an IPv4 one inside. */
export function addressText(value: Buffer | undefined): string | undefined {
  if (value?.length === 4) return value.join('.');
  if (value?.length !== 16) return undefined;
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => value.readUInt16BE(at));
  const { at, length } = longestZeros(groups);
  if (at === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff))) return undefined;
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  return length < 2 ? text(groups) : `${text(groups.slice(0, at))}::${text(groups.slice(at + length))}`;
}

/** The first of the longest rows of zeros. */
function longestZeros(groups: readonly number[]): { readonly at: number; readonly length: number } {
  let longest = { at: 0, length: 0 };
  for (let at = 0; at < groups.length; at++) {
    let length = 0;
    while (groups[at + length] === 0) length++;
    if (length > longest.length) longest = { at, length };
  }
  return longest;
}

/** A hardware address of Ethernet's length. */
export function macText(value: Buffer | undefined): string | undefined {
  return value?.length === 6 ? value.toString('hex').replace(/..(?=.)/g, '$&:') : undefined;
}

/** The row, unless something of it could not be told. */
export function whole(row: Record<string, unknown>): Record<string, unknown> | undefined {
  return Object.values(row).includes(undefined) ? undefined : row;
}

export function isZero(value: Buffer | undefined): boolean {
  return value?.every((byte) => byte === 0) ?? true;
}
