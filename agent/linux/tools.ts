import { OrchError } from '../../proto/errors.ts';
import type { QueueHook, ToolAction } from './action.ts';
import type { ExecResult, HostCommand } from './host.ts';
import { batchLine } from './ip/batch-line.ts';
import { chainRules } from './nft-listing.ts';

type Exec = (command: HostCommand) => Promise<ExecResult>;
type TcAction = Extract<ToolAction, { op: 'tc' }>;
type NftRuleAction = Extract<ToolAction, { op: 'nft-rule' }>;

/** What the tools say of a table, queueing discipline, entry or device that is not there. */
const goneText =
  /No such (file or directory|device)|Cannot find (bridge )?(device|specified qdisc)|Cannot delete qdisc with handle of zero/;

/** What the kernel says of an entry of an mdb that is not there (br_mdb_del, net/bridge/br_mdb.c). */
const noGroup = /RTNETLINK answers: Invalid argument/;

/** Carries out one change through another tool than the kept ip. Errors as ActingHost.apply. */
export async function applyTool(action: ToolAction, exec: Exec): Promise<void> {
  await applied(action, exec);
}

function applied(action: ToolAction, exec: Exec): Promise<unknown> {
  switch (action.op) {
    case 'nft':
      return run(exec, { argv: ['nft', '-f', '-'], netns: action.netns, stdin: nftScript(action) });
    case 'nft-rule':
      return applyNftRule(action, exec);
    case 'ethtool':
      return run(exec, { argv: ['ethtool', ...action.args], netns: action.netns });
    case 'bridge':
      return applyBridge(action, exec);
    case 'tc':
      return applyTc(action, exec);
    case 'wg':
      return run(
        exec,
        { argv: wgSync(action.dev), netns: action.netns, stdin: action.config },
        { name: 'wg syncconf' },
      );
    case 'macsec':
      return applyMacsec(action, exec);
  }
}

function applyBridge({ netns, args }: Extract<ToolAction, { op: 'bridge' }>, exec: Exec): Promise<unknown> {
  const argv = ['bridge', ...(netns === undefined ? [] : ['-n', netns]), ...args];
  return run(exec, { argv }, { alsoGone: args[0] === 'mdb' && args[1] === 'del' ? noGroup : undefined });
}

/** wg opens a file, and a program's standard input can be a socket, which no one can open: cat makes a pipe of it. */
function wgSync(dev: string): string[] {
  return ['sh', '-c', 'cat | wg syncconf "$1" /proc/self/fd/0', 'sh', dev];
}

/** The line goes through standard input: a key in it must be on no command line, and in no message. */
function applyMacsec({ netns, dev, args }: Extract<ToolAction, { op: 'macsec' }>, exec: Exec): Promise<unknown> {
  const stdin = batchLine(['macsec', ...args]);
  if (stdin === undefined) {
    throw new OrchError({ code: 'invalid-parameter', summary: `ip cannot be told of a link named ${dev}.` });
  }
  const argv = ['ip', ...(netns === undefined ? [] : ['-n', netns]), '-batch', '-'];
  return run(exec, { argv, stdin }, { name: `ip macsec ${args[0]} ${dev}` });
}

/** One transaction: the kernel takes all of it or nothing. Adding the table first lets its deletion succeed always. */
function nftScript({ family, table, text }: Extract<ToolAction, { op: 'nft' }>): string {
  const name = `table ${family} ${table}`;
  return text === undefined ? `delete ${name}\n` : `add ${name}\ndelete ${name}\n${text}\n`;
}

/** Handles are known only once a rule is there, so it is looked for by its text. */
async function applyNftRule(action: NftRuleAction, exec: Exec): Promise<void> {
  const { netns, family, table, chain, rule, index, count = 1, remove = false } = action;
  const name = `${family} ${table} ${chain}`;
  const listed = await run(exec, { argv: ['nft', '-s', '-a', 'list', 'chain', family, table, chain], netns });
  const rules = chainRules(listed, chain);
  const same = rules.filter(({ text }) => text === rule);
  const [first] = same;
  const feed = (line: string) => run(exec, { argv: ['nft', '-f', '-'], netns, stdin: `${line}\n` });
  if (remove) {
    if (first !== undefined) await feed(`delete rule ${name} handle ${first.handle}`);
    else throw new OrchError({ code: 'missing-object', summary: `Chain ${name} has no rule ${rule}.` });
  } else if (same.length < count) {
    const next = index === undefined ? undefined : rules[index];
    await feed(next === undefined ? `add rule ${name} ${rule}` : `insert rule ${name} handle ${next.handle} ${rule}`);
  }
}

/** A tree may be cleared that is not there, unless clearing it is all there is to do. */
async function applyTc({ netns, dev, clear, commands }: TcAction, exec: Exec): Promise<void> {
  const tc = ['tc', ...(netns === undefined ? [] : ['-n', netns])];
  if (clear !== undefined) {
    try {
      await run(exec, { argv: [...tc, ...clearCommand(dev, clear)] });
    } catch (error) {
      if (commands.length === 0 || !(error instanceof OrchError) || error.code !== 'missing-object') throw error;
    }
  }
  if (commands.length > 0) await run(exec, { argv: [...tc, '-batch', '-'], stdin: tcBatch(commands) });
}

function clearCommand(dev: string, hook: QueueHook): string[] {
  return ['qdisc', 'delete', 'dev', dev, hook];
}

/** All that a tc action runs. */
export function tcCommands({ dev, clear, commands }: TcAction): readonly (readonly string[])[] {
  return clear === undefined ? commands : [clearCommand(dev, clear), ...commands];
}

/** Text for `tc -batch -`, which takes lines as ip's does. */
export function tcBatch(commands: readonly (readonly string[])[]): string {
  const lines = commands.map((words) => batchLine(words));
  const wrong = lines.indexOf(undefined);
  if (wrong < 0) return lines.join('');
  throw new OrchError({
    code: 'invalid-parameter',
    summary: `tc cannot be given these words: ${(commands[wrong] ?? []).join(' ')}.`,
    hint: 'A number sign, a newline, or both kinds of quotes in one word cannot be written in a batch.',
  });
}

interface Saying {
  readonly alsoGone?: RegExp | undefined;
  /** In the place of the command line. */
  readonly name?: string;
}

/** What the program said. */
async function run(exec: Exec, command: HostCommand, { alsoGone, name }: Saying = {}): Promise<string> {
  const { status, stdout, stderr } = await exec(command);
  if (status === 0) return stdout;
  const detail = stderr.trim().slice(0, 2000);
  throw new OrchError({
    code: goneText.test(stderr) || alsoGone?.test(stderr) ? 'missing-object' : 'command-failed',
    summary: `${name ?? command.argv.join(' ')} failed: ${detail.split('\n')[0] || `status ${status}`}`,
    detail: detail.includes('\n') ? detail : undefined,
  });
}
