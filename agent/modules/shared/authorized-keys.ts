/** A line of an authorized_keys file (sshd(8), AUTHORIZED_KEYS FILE FORMAT) that holds a key. */
export interface AuthorizedKey {
  /** Options as they stand there, with commas between; empty: none. */
  readonly options: string;
  readonly type: string;
  readonly key: string;
  readonly comment: string;
}

/** Keys and certificates, on tokens (sk) and of browsers, too. */
const types =
  /^(?:(?:ssh-(?:ed25519|rsa|dss)|rsa-sha2-(?:256|512)|ecdsa-sha2-nistp(?:256|384|521))(?:-cert-v01@openssh\.com)?|(?:sk-ssh-ed25519|(?:webauthn-)?sk-ecdsa-sha2-nistp256)(?:-cert-v01)?@openssh\.com)$/;

/** Words of a line; blanks inside double quotes are no ends of one, nor is anything behind a quote that has no end. */
function wordsOf(line: string): string[] {
  return line.match(/(?:"(?:\\.|[^"\\])*(?:"|\\?$)|[^\s"]|")+/gs) ?? [];
}

/** Undefined for a comment, an empty line, and what is no key. */
export function parseAuthorizedKey(line: string): AuthorizedKey | undefined {
  const words = wordsOf(line.trim());
  if (words[0]?.startsWith('#')) return undefined;
  const at = types.test(words[0] ?? '') ? 0 : 1;
  const [type = '', key = '', ...comment] = words.slice(at);
  if (!types.test(type) || key === '') return undefined;
  return { options: at === 0 ? '' : (words[0] ?? ''), type, key, comment: comment.join(' ') };
}

function written({ options, type, key, comment }: AuthorizedKey): string {
  return [options, type, key, comment].filter((word) => word !== '').join(' ');
}

export interface KeysEdit {
  readonly state: 'present' | 'absent';
  readonly keys: readonly AuthorizedKey[];
  /** All other lines go: what is no key here may be one for the host's sshd. */
  readonly exclusive: boolean;
}

/** The text with the keys, or without them. A key that is there with another comment or options is written anew. */
export function withKeys(text: string, { state, keys, exclusive }: KeysEdit): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const wanted = new Map(keys.map((key) => [key.key, key]));
  const present = state === 'present';
  const left = new Map(wanted);
  const kept = lines.filter((line) => {
    const found = parseAuthorizedKey(line);
    const wish = found && wanted.get(found.key);
    if (found === undefined || wish === undefined) return !(present && exclusive);
    const same = present && written(found) === written(wish) && left.has(found.key);
    if (same) left.delete(found.key);
    return same;
  });
  const all = [...kept, ...(present ? [...left.values()].map(written) : [])];
  // Not for the newline alone that the last line may lack.
  if (kept.length === lines.length && all.length === kept.length) return text;
  return all.length === 0 ? '' : `${all.join('\n')}\n`;
}
