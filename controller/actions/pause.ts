import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { timeText } from '../../agent/modules/shared/run-command.ts';
import { OrchError } from '../../proto/errors.ts';
import { floatText } from '../template/python/text.ts';
import { type ActionContext, defineAction } from './action.ts';
import { interrupted, typedKey, typedLine } from './shared/typed.ts';

const keysOfTime = "(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)";

/** To two digits, as Python prints a float. */
const rounded = (value: number): string => floatText(Math.round(value * 100) / 100);

export const action = defineAction({
  name: 'pause',
  summary: 'Wait, once for all hosts, for a time or for Enter.',
  notes:
    'Where nobody can be asked it waits for a time alone. Ctrl-C and then C goes on at once, Ctrl-C and then A ends the play.',
  examples: ['pause:\n  seconds: 5', 'pause:\n  prompt: plug the cable in, then press Enter'],
  params: z
    .strictObject({
      seconds: z.number().min(0).max(86_400).optional().describe('How long.'),
      minutes: z.number().min(0).max(1_440).optional().describe('How long.'),
      prompt: z.string().optional().describe('What to say while waiting.'),
      echo: z.boolean().optional().describe('Whether what is typed is shown (default: it is).'),
    })
    .refine(({ seconds, minutes }) => seconds === undefined || minutes === undefined, {
      path: ['minutes'],
      message: 'say minutes or seconds, not both',
    }),
  barrier: true,
  local: true,
  run: async ({ seconds, minutes, prompt, echo = true }, context) => {
    const isTimed = seconds !== undefined || minutes !== undefined;
    // A second at least, as in Ansible.
    const milliseconds = Math.max(1, (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000;
    const hidden = echo ? '' : ' (output is hidden)';
    const [start, startedAt] = [timeText(new Date()), performance.now()];
    const warnings: string[] = [];
    let user_input = '';
    if (isTimed) {
      context.say(`Pausing for ${Math.floor(milliseconds / 1000)} seconds${hidden}`);
      await pass(milliseconds, prompt && `${prompt}${hidden}`, context);
    } else if (context.keyboard === undefined) {
      warnings.push('Not waiting for response to prompt as stdin is not interactive');
    } else {
      context.say(asking(context, `${prompt ?? 'Press enter to continue, Ctrl+C to interrupt'}${hidden}`));
      const line = await context.keyboard((keyboard) => typedLine(keyboard, context.signal, echo));
      if (line === interrupted) await goOn(context);
      else user_input = line;
    }
    const seconded = (performance.now() - startedAt) / 1000;
    const stdout =
      seconds === undefined
        ? `Paused for ${rounded(seconded / 60)} minutes`
        : `Paused for ${rounded(seconded)} seconds`;
    const times = { start, stop: timeText(new Date()), delta: Math.floor(seconded) };
    return { status: 'ok', result: { user_input, ...times, echo, rc: 0, stdout, stderr: '' }, warnings };
  },
});

const asking = ({ title }: ActionContext, words: string): string => `[${title}]\n${words}:`;

/** Waits for a time, which Ctrl-C may end. */
async function pass(milliseconds: number, prompt: string | undefined, context: ActionContext): Promise<void> {
  const { keyboard, signal, say } = context;
  if (keyboard === undefined) {
    if (prompt !== undefined) say(asking(context, prompt));
    await sleep(milliseconds, undefined, { signal });
    return;
  }
  say(keysOfTime);
  if (prompt !== undefined) say(asking(context, prompt));
  const key = await keyboard((keys) => typedKey(keys, signal, '', milliseconds));
  if (key === interrupted) await goOn(context);
}

/** Asks whether to go on. Throws OrchError where not. */
async function goOn({ keyboard, signal, say }: ActionContext): Promise<void> {
  say("Press 'C' to continue the play or 'A' to abort");
  const key = await keyboard?.((keys) => typedKey(keys, signal, 'ac'));
  if (key !== 'c') throw new OrchError({ code: 'task-failed', summary: 'user requested abort!' });
}
