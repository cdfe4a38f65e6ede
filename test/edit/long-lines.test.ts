import { expect, test } from 'vitest';
import { parseAuthorizedKey } from '../../agent/modules/shared/authorized-keys.ts';
import { withIni } from '../../agent/modules/shared/files/ini-edit.ts';

// Users have such files, and the agent does one thing at a time: each would have been read for hours.
const many = 400_000;

test('a line of blanks is looked through once for an option', () => {
  const edit = { state: 'present', option: 'b', values: ['1'], exclusive: true } as const;
  const more = { no_extra_spaces: false, option_prefix_spaces: 0, allow_no_value: false, ignore_spaces: false };
  const text = `a${' '.repeat(many)}b = c${' '.repeat(many)}d\n`;
  expect(withIni(text, { ...edit, ...more, modify_inactive_option: true })).toMatchObject({ msg: 'option added' });
});

test('a line of quotes that do not end is looked through once for a key', () => {
  for (const end of ['', '\\', '\\\u2028', '\\\r.'])
    expect(parseAuthorizedKey(`"${'\\"'.repeat(many)}${end}`)).toBeUndefined();
  const key = { options: 'command="a b"', type: 'ssh-ed25519', key: 'AAAA', comment: 'my 5" disk' };
  expect(parseAuthorizedKey('command="a b" ssh-ed25519 AAAA my 5" disk')).toEqual(key);
});
