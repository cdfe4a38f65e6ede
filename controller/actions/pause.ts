import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { timeText } from '../../agent/modules/shared/run-command.ts';
import { floatText } from '../template/text.ts';
import { defineAction } from './action.ts';

/** To two digits, as Python prints a float. */
const rounded = (value: number): string => floatText(Math.round(value * 100) / 100);

export const action = defineAction({
  name: 'pause',
  summary: 'Wait, once for all hosts, for a time or for Enter.',
  examples: ['pause:\n  seconds: 5', 'pause:\n  prompt: plug the cable in, then press Enter'],
  params: z
    .strictObject({
      seconds: z.number().min(0).max(86_400).optional().describe('How long.'),
      minutes: z.number().min(0).max(1_440).optional().describe('How long.'),
      prompt: z.string().optional().describe('What to say while waiting.'),
      echo: z.boolean().optional().describe('Accepted as in Ansible.'),
    })
    .refine(({ seconds, minutes }) => seconds === undefined || minutes === undefined, {
      path: ['minutes'],
      message: 'say minutes or seconds, not both',
    }),
  barrier: true,
  local: true,
  run: async ({ seconds, minutes, prompt, echo = true }, { signal, say }) => {
    const isTimed = seconds !== undefined || minutes !== undefined;
    // A second at least, as in Ansible.
    const milliseconds = Math.max(1, (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000;
    if (isTimed) say(`Pausing for ${Math.floor(milliseconds / 1000)} seconds`);
    if (prompt !== undefined) say(prompt);
    const [start, startedAt] = [timeText(new Date()), performance.now()];
    const warnings: string[] = [];
    let user_input = '';
    if (isTimed) await sleep(milliseconds, undefined, { signal });
    else if (process.stdin.isTTY) user_input = await enter(signal);
    else warnings.push('Not waiting for response to prompt as stdin is not interactive');
    const seconded = (performance.now() - startedAt) / 1000;
    const stdout = minutes ? `Paused for ${rounded(seconded / 60)} minutes` : `Paused for ${rounded(seconded)} seconds`;
    const times = { start, stop: timeText(new Date()), delta: Math.floor(seconded) };
    return { status: 'ok', result: { user_input, ...times, echo, rc: 0, stdout, stderr: '' }, warnings };
  },
});

async function enter(signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question('Press Enter to go on: ', { signal });
  } finally {
    terminal.close();
  }
}
