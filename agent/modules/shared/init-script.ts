import { OrchError } from '../../../proto/errors.ts';
import type { Host } from '../../linux/host.ts';
import type { Action, Plan, Step } from '../module.ts';
import { ask, execAction, taskFailed } from './programs.ts';
import { shellWords } from './shell-words.ts';

/** What is wished of a service that a script in /etc/init.d runs; names and meanings are those of Ansible's module sysvinit. */
export interface ScriptWish {
  readonly name: string;
  readonly state?: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined;
  readonly enabled?: boolean | undefined;
  /** In which levels; none: in those that the script names. */
  readonly runlevels?: readonly string[] | undefined;
  /** Said to the script behind its verb. */
  readonly arguments?: string | undefined;
  /** In a line of ps(1) while the service runs: the script is not asked. */
  readonly pattern?: string | undefined;
  /** Seconds from stop to start. */
  readonly sleep?: number | undefined;
}

export interface ScriptState {
  /** Asked where a state is wished. */
  readonly running: boolean | undefined;
  /** Levels that start it. */
  readonly levels: readonly string[];
  /** Some level knows of it, if only to stop it. */
  readonly known: boolean;
}

const levels = [...'0123456S'];
/** What a status other than 0 says (LSB Core 22.2): dead, dead with traces, not running, unknown; 69: unavailable. */
const downStatuses = [1, 2, 3, 4, 69];

const scriptOf = (name: string): string => `/etc/init.d/${name}`;

/** What is known of a service's script. Throws OrchError where there is none, or it does not say whether the service runs. */
export async function readScript(host: Host, wish: ScriptWish): Promise<ScriptState> {
  const { name, state } = wish;
  if ((await host.stat(scriptOf(name))) === undefined) {
    throw new OrchError({
      code: 'missing-object',
      summary: `Could not find the requested service ${name}: host`,
      hint: `systemd does not run this host, and there is no ${scriptOf(name)}.`,
    });
  }
  const links = await Promise.all(
    levels.map(async (level) => {
      const all = (await host.readDir(`/etc/rc${level}.d`)) ?? [];
      const own = all.filter((link) => /^[SK]..$/.test(link.slice(0, 3)) && link.slice(3) === name);
      return { level, known: own.length > 0, starts: own.some((link) => link.startsWith('S')) };
    }),
  );
  return {
    running: state === undefined ? undefined : await isRunning(host, wish),
    levels: links.filter(({ starts }) => starts).map(({ level }) => level),
    known: links.some(({ known }) => known),
  };
}

async function isRunning(host: Host, { name, pattern }: ScriptWish): Promise<boolean> {
  if (pattern !== undefined) {
    const { stdout } = await ask(host, ['ps', 'auxww']);
    return stdout.includes(pattern);
  }
  // What can't be started runs nothing: in check mode it may be yet to come.
  const asked = await ask(host, [scriptOf(name), 'status'], { cwd: '/' }).catch(() => undefined);
  if (asked === undefined) return false;
  const { status, stdout } = asked;
  if (status !== null && downStatuses.includes(status)) return false;
  // Scripts that always end with 0 have one line that says it.
  const said = stdout.trim().includes('\n') ? '' : stdout.toLowerCase().replaceAll(name.toLowerCase(), '');
  if (/stop|inactive|is dead|dead but|could not access pid file/.test(said)) return false;
  if (/run|start|active/.test(said)) return !said.includes('not ');
  if (status === 0) return true;
  throw taskFailed('failed determining service state, possible typo of service name?');
}

/** Steps to the wished state of a service that a script runs. */
export function planScript(wish: ScriptWish, { running, levels: starting, known }: ScriptState): Plan {
  const { name, state, runlevels = [] } = wish;
  const object = `service ${name}`;
  const steps: Step[] = [];
  const enabled = runlevels.length > 0 ? runlevels.every((level) => starting.includes(level)) : starting.length > 0;
  const somewhere = runlevels.length > 0 ? runlevels.some((level) => starting.includes(level)) : enabled;
  const links = (...words: string[]): Action => execAction(['update-rc.d', ...words]);
  const note = (part: string, action: Action, ...undo: Action[]) => steps.push({ object, part, action, undo });
  if (wish.enabled === true && !enabled) {
    if (!known) note('enabled', links(name, 'defaults'), links('-f', name, 'remove'));
    if (known || runlevels.length > 0)
      note('enabled', links(name, 'enable', ...runlevels), links(name, 'disable', ...runlevels));
  }
  if (wish.enabled === false && somewhere)
    note('enabled', links(name, 'disable', ...runlevels), links(name, 'enable', ...runlevels));

  const said = shellWords(wish.arguments ?? '') ?? [];
  const script = (verb: string) => execAction([scriptOf(name), verb, ...said], { cwd: '/' });
  const [start, stop] = [script('start'), script('stop')];
  if (state === 'stopped' && running) note('state', stop, start);
  else if (state !== undefined && state !== 'stopped' && !running) note('state', start, stop);
  else if (state === 'reloaded') note('state', script('reload'));
  else if (state === 'restarted') {
    // Not every script has a verb for both.
    note('state', stop);
    if (wish.sleep) note('state', execAction(['sleep', String(wish.sleep)]));
    note('state', start);
  }

  const before = { running, enabled };
  const result = {
    name,
    ...(state === undefined ? {} : { state: state === 'stopped' ? state : 'started' }),
    ...(wish.enabled === undefined ? {} : { enabled: wish.enabled }),
  };
  const after = {
    running: state === undefined ? running : state !== 'stopped',
    enabled: wish.enabled ?? enabled,
  };
  return { steps, before, after: steps.length === 0 ? before : after, result };
}
