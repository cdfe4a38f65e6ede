import { at, defineRule, ofTasks } from './rule.ts';

export const rule = defineRule({
  name: 'no-log-password',
  summary: 'A loop over passwords shows each of them as its item, unless no_log is said.',
  find: ofTasks(({ mapping, params }) => {
    const loops = Object.keys(mapping.value).some((key) => key === 'loop' || key.startsWith('with_'));
    if (!loops || (mapping.value.no_log !== undefined && mapping.value.no_log !== false)) return [];
    const secret = [...params].find(([name]) => /^(?:password|passphrase|secret|token|api_key)$/.test(name));
    if (!secret) return [];
    return [at(secret[1], 'Say `no_log: true`: the items of this loop are shown otherwise.', 'key')];
  }),
});
