import { OrchError } from '../../proto/errors.ts';

/** A value of a configuration file, and where it stands. */
export interface ConfigValue {
  readonly value: string;
  readonly line: number;
  readonly column: number;
}

/** Values by `section.key`. */
export type IniConfig = ReadonlyMap<string, ConfigValue>;

/**
 * Reads `ansible.cfg` as Python's configparser does with Ansible's options: `key = value` or `key: value`, keys in any case, lines
 * that start with `#` or `;` are comments, ` ;` begins one, an indented line goes on with the value above. Throws OrchError.
 */
export function parseIniConfig(text: string, file: string): IniConfig {
  const values = new Map<string, ConfigValue>();
  let section: string | undefined;
  let open: string | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const wrong = (summary: string, hint: string): OrchError =>
      new OrchError({ code: 'invalid-option', summary, hint, where: { file, line, column: 1, excerpt: raw } });
    if (/^\s*(?:[#;].*)?$/.test(raw)) continue;
    const content = raw.replace(/\s;.*$/, '').trimEnd();
    const above = open === undefined ? undefined : values.get(open);
    if (/^\s/.test(content) && open !== undefined && above) {
      values.set(open, { ...above, value: `${above.value}\n${content.trim()}`.trim() });
      continue;
    }
    const header = /^\[([^\]]+)\]\s*$/.exec(content);
    if (header) {
      section = header[1];
      open = undefined;
      continue;
    }
    if (section === undefined) throw wrong('a setting stands before the first section', 'write "[defaults]" above it');
    const [, key, before = '', value = ''] = /^([^=:]+?)(\s*[=:]\s*)(.*)$/.exec(content.trimStart()) ?? [];
    if (key === undefined) throw wrong(`"${content.trim()}" is no setting`, 'write "name = value"');
    open = `${section}.${key.toLowerCase()}`;
    values.set(open, { value, line, column: key.length + before.length + 1 });
  }
  return values;
}
