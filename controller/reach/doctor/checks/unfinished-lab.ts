import { defineCheck } from './check.ts';

export const check = defineCheck({
  name: 'unfinished-lab',
  summary: 'A lab owns things on a host, and its last run there failed or broke off.',
  find: ({ labs }) =>
    labs.flatMap(({ host, lab, objects, lastRun, lastExit, heldBy }) => {
      if (objects === 0 || heldBy !== '' || (lastRun !== '' && lastExit === 0)) return [];
      const end =
        lastRun === '' ? 'no run of it ever ended there' : `its last run, ${lastRun}, ended with exit code ${lastExit}`;
      return [
        {
          ...{ host, netns: '' },
          sentence: `Lab ${lab} owns ${objects} ${objects === 1 ? 'thing' : 'things'} on ${host}, and ${end}.`,
          breaks: 'The host is in neither the state before the lab nor the one that it asks for.',
          advice: `Run its playbook again, or take it back: orch destroy --lab ${lab}.`,
        },
      ];
    }),
});
