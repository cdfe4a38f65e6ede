/** Values by section of an INI file, as Python's configparser reads it; a properties file is the section without a name. */
export function iniSections(text: string, caseSensitive: boolean): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  let last: string | undefined;
  sections.set('', section);
  for (const line of text.split(/\r?\n/)) {
    const [, title] = /^\[([^\]]+)\]/.exec(line) ?? [];
    if (title !== undefined) {
      section = sections.get(title) ?? new Map();
      sections.set(title, section);
      last = undefined;
      continue;
    }
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    if (/^\s/.test(line) && last !== undefined) {
      section.set(last, `${section.get(last)}\n${line.trim()}`);
      continue;
    }
    const [, name = '', value = ''] = /^([^=:]*?)\s*(?:[=:]\s*(.*?))?\s*$/.exec(line.trim()) ?? [];
    last = caseSensitive ? name : name.toLowerCase();
    section.set(last, value);
  }
  return sections;
}
