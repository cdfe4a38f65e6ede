import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { shellWords } from '../../agent/modules/shared/shell-words.ts';
import { type ActionContext, type ActionResult, type Attempt, defineAction } from './action.ts';

const seconds = z.int().min(0).max(86_400);

const params = z.strictObject({
  pre_reboot_delay: seconds.default(0).describe('Seconds before the reboot, as whole minutes: less than 60 are none.'),
  post_reboot_delay: seconds.default(0).describe('Seconds to wait after the command before the host is asked.'),
  reboot_timeout: seconds
    .default(600)
    .describe('Seconds that the host may take to be started anew, and then again for the test command.'),
  connect_timeout: seconds.optional().describe('Seconds that one connection may take; default: 10.'),
  test_command: z.string().default('whoami').describe('Command that must succeed on the host afterwards.'),
  msg: z.string().default('Reboot initiated by Ansible').describe('What users of the host are told.'),
  search_paths: z
    .array(z.string().regex(/^[^:\0]+$/, 'is no folder to search'))
    .default(['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin'])
    .describe('Folders that the command is looked for in.'),
  boot_time_command: z
    .string()
    .default('cat /proc/sys/kernel/random/boot_id')
    .describe('Command whose output changes when the host is started.'),
  reboot_command: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Command that reboots, with its arguments; the delays and `msg` are nothing to it. Default: shutdown -r, or reboot where there is no shutdown.',
    ),
});
type Params = z.infer<typeof params>;

/** Beyond the connection: what it may take to bring the agent to a host and start it. */
const startS = 30;
/** What a command may take that is no reboot. */
const commandS = 60;
/** Longest wait between two tries. */
const longestWaitMs = 12_000;

/** Runs a program, $2 with its arguments, by its path or out of the first of the folders $1 that has it. */
const search = (instead = '') => `folders=$1 program=$2; shift 2
case $program in /*) exec "$program" "$@";; esac
IFS=:
for folder in $folders; do [ -x "$folder/$program" ] && exec "$folder/$program" "$@"; done
${instead}echo "Unable to find command $program in search paths: $folders" >&2; exit 127`;

/** Alpine has no shutdown(8). */
const plainReboot = 'for folder in $folders; do [ -x "$folder/reboot" ] && exec "$folder/reboot"; done\n';

/** The task for the agent that reboots the host. */
function rebootTask({ reboot_command, pre_reboot_delay, msg, search_paths }: Params) {
  const own = reboot_command === undefined ? undefined : shellWords(reboot_command);
  const argv = own ?? ['shutdown', '-r', String(Math.floor(pre_reboot_delay / 60)), msg];
  return { argv: ['sh', '-c', search(own ? '' : plainReboot), 'sh', search_paths.join(':'), ...argv] };
}

function said(answer: Attempt): string {
  return answer.status === 'unreachable' ? '' : String(answer.result.stdout ?? '').trim();
}

/** Tries until `attempt` gives what is asked for; false when the time is over. */
async function tryFor(limitS: number, signal: AbortSignal, attempt: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + limitS * 1000;
  for (let waitMs = 1000; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    if (await attempt()) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(waitMs, left), undefined, { signal });
  }
}

/** Waits for the host to be there again; gives what it waited for in vain. */
async function awaitHost(params: Params, before: string, context: ActionContext): Promise<string | undefined> {
  const perTry = (params.connect_timeout ?? 10) + startS;
  const ask = (cmd: string) => context.attempt('shell', { cmd }, perTry);
  const started = await tryFor(params.reboot_timeout, context.signal, async () => {
    const answer = await ask(params.boot_time_command);
    if (answer.status !== 'unreachable' && answer.status !== 'failed' && said(answer) !== before) return true;
    // Not gone yet: what is connected now goes down with it.
    await context.leave();
    return false;
  });
  if (!started) return 'last boot time check';
  const tested = await tryFor(params.reboot_timeout, context.signal, async () => {
    const { status } = await ask(params.test_command);
    return status !== 'unreachable' && status !== 'failed';
  });
  return tested ? undefined : 'post-reboot test command';
}

export const action = defineAction({
  name: 'reboot',
  summary: 'Reboot the host and wait until it is there again.',
  notes:
    'It has come back when `boot_time_command` says something else than before and `test_command` succeeds. Needs `become` where the login is not root. What a lab made in the kernel goes with it: plays with `persist` bring theirs back.',
  examples: [
    'reboot:',
    'reboot:\n  reboot_timeout: 300\n  msg: A new kernel\n  test_command: systemctl is-system-running',
  ],
  params,
  run: async (params, context): Promise<ActionResult> => {
    const { check, signal } = context;
    const startedAt = performance.now();
    const failed = (message: string, rebooted: boolean): ActionResult => {
      const elapsed = Math.floor((performance.now() - startedAt) / 1000);
      return { status: 'failed', message, result: { changed: rebooted, rebooted, elapsed } };
    };
    if (context.isLocal) return failed('Running reboot with local connection would reboot the control node.', false);
    if (check) return { status: 'changed', result: { rebooted: true, elapsed: 0 } };
    const before = await context.agent('shell', { cmd: params.boot_time_command });
    if (before.status === 'failed')
      return failed(`reboot: failed to get host boot time info: ${before.message ?? before.status}`, false);
    const done = await context.attempt('command', rebootTask(params), commandS);
    if (done.status === 'failed') {
      const { stdout = '', stderr = '' } = done.result;
      return failed(`Reboot command failed. Error was: '${stdout}, ${stderr}'`, false);
    }
    await context.leave();
    await sleep(params.post_reboot_delay * 1000, undefined, { signal });
    const missed = await awaitHost(params, said(before), context);
    if (missed !== undefined) return failed(`Timed out waiting for ${missed} (timeout=${params.reboot_timeout})`, true);
    const elapsed = Math.floor((performance.now() - startedAt) / 1000);
    return { status: 'changed', result: { rebooted: true, elapsed } };
  },
});
