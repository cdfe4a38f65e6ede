import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { defineAction } from './action.ts';

export const action = defineAction({
  name: 'pause',
  summary: 'Wait, once for all hosts, for a time or for Enter.',
  examples: ['pause:\n  seconds: 5', 'pause:\n  prompt: plug the cable in, then press Enter'],
  params: z.strictObject({
    seconds: z.number().min(0).max(86_400).optional().describe('How long.'),
    minutes: z.number().min(0).max(1_440).optional().describe('How long; added to seconds.'),
    prompt: z.string().optional().describe('What to say while waiting.'),
    echo: z.boolean().optional().describe('Accepted as in Ansible.'),
  }),
  barrier: true,
  local: true,
  run: async ({ seconds = 0, minutes = 0, prompt, echo = true }, { signal, say }) => {
    const milliseconds = (minutes * 60 + seconds) * 1000;
    if (prompt !== undefined) say(prompt);
    const startedAt = performance.now();
    let user_input = '';
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal });
    else if (process.stdin.isTTY) user_input = await enter(signal);
    else say('Nobody can press Enter here: standard input is no terminal; going on.');
    const delta = Math.round((performance.now() - startedAt) / 1000);
    const stdout = minutes > 0 ? `Paused for ${delta / 60} minutes` : `Paused for ${delta} seconds`;
    return { status: 'ok', result: { user_input, delta, echo, rc: 0, stdout, stderr: '' } };
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
