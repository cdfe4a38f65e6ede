import { child } from '../../source/origins.ts';
import { at, defineRule, type Finding } from './rule.ts';

export const rule = defineRule({
  name: 'run-once',
  summary: 'run_once in a play whose strategy is free, where hosts would not wait for each other.',
  find: ({ plays, tasks }) => [
    ...plays.flatMap((play): readonly Finding[] => {
      const strategy = child(play, 'strategy');
      const once = child(play, 'run_once');
      return strategy?.value === 'free' && once ? [at(once, 'Ansible does it once for each host here.', 'key')] : [];
    }),
    ...tasks.flatMap(({ mapping, play }): readonly Finding[] => {
      const once = child(mapping, 'run_once');
      if (once?.value !== true || play?.value.strategy !== 'free') return [];
      return [at(once, 'The play says `strategy: free`: Ansible does this once for each host.', 'key')];
    }),
  ],
});
