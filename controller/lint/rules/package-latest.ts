import { at, defineRule, ofTasks } from './rule.ts';

const modules: ReadonlySet<string> = new Set(['apt', 'dnf', 'package', 'pip', 'yum', 'apk', 'pacman', 'zypper', 'npm']);
const bounded = ['only_upgrade', 'download_only', 'update_only', 'version'];

export const rule = defineRule({
  name: 'package-latest',
  summary: 'state: latest gives each run what the day brings.',
  find: ofTasks(({ module, params }) => {
    const state = params.get('state');
    if (!modules.has(module) || state?.value !== 'latest' || bounded.some((name) => params.has(name))) return [];
    return [at(state, 'What this installs changes from day to day: name a version, or say `present`.')];
  }),
});
