import * as z from 'zod';
import type { ExecResult, Host } from '../linux/host.ts';
import { defineRunModule, type RunContext, type RunResult } from './module.ts';
import { hostPath, noneOf, pathText, programPath } from './shared/fields.ts';
import { joined } from './shared/files/path.ts';
import { taskFailed } from './shared/programs.ts';
import { shellWords } from './shared/shell-words.ts';

const noWord = 'is no word that pip takes';
/** A word that pip cannot take for an option. */
const word = z.string().regex(/^[^-\s\0][^\0]*$/, noWord);
const item = z.string().regex(/^\s*[^-\s\0][^\0]*$/, noWord);
const words = z.string().refine((text) => shellWords(text) !== undefined, 'a quote is not closed');

const fields = z.strictObject({
  name: z.array(item).optional().describe('Packages, as pip names them: bottle, bottle>=0.12,<1, git+https://...'),
  version: z
    .string()
    .regex(/^[A-Za-z0-9.*+!_<>=~, -]+$/)
    .optional()
    .describe('The version of the one package, or which will do: ">=0.12,<1".'),
  requirements: word.optional().describe('A file of the host that names packages.'),
  state: z
    .enum(['present', 'latest', 'absent', 'forcereinstall'])
    .default('present')
    .describe('latest: the newest; forcereinstall: anew in each run.'),
  virtualenv: pathText
    .optional()
    .describe('A virtual environment, which is made where there is none; a relative one is below chdir.'),
  virtualenv_command: words.default('virtualenv').describe('What makes one: virtualenv, or python3 -m venv.'),
  virtualenv_python: word.optional().describe('The Python that a new one has.'),
  virtualenv_site_packages: z.boolean().default(false).describe("A new one sees the host's own packages."),
  executable: programPath.optional().describe('The pip to run; default: python3 -m pip.'),
  extra_args: words.optional().describe('More words for pip.'),
  editable: z.boolean().default(false).describe('Install links to where the source is.'),
  chdir: hostPath.optional().describe('The folder to run it in.'),
  break_system_packages: z.boolean().default(false).describe("Also among packages of the host's own package manager."),
  umask: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'is no umask')
    .optional()
    .describe('Permissions that new files do not get.'),
});
type Params = z.infer<typeof fields>;

/**
 * The packages of a list, or of texts with commas between: what begins with an operator goes on with the one before it, as
 * what is within brackets does.
 */
function packageNames(name: readonly string[] = []): readonly string[] {
  const found: string[] = [];
  for (const part of name.flatMap((each) => each.split(',')).map((each) => each.trim())) {
    const before = found.at(-1);
    const goesOn = before !== undefined && (/^(?:[<>]|[=!~]=)/.test(part) || /\[[^\]]*$/.test(before));
    if (goesOn) found.splice(-1, 1, `${before},${part}`);
    else if (part !== '') found.push(part);
  }
  return found;
}

/** Runs what follows $1 with that as its umask. */
const underMask = 'umask "$1"; shift; exec "$@"';

function contradictions({
  name,
  version,
  requirements,
  executable,
  virtualenv,
  editable,
  state,
}: Params): [keyof Params, string][] {
  const found: [keyof Params, string][] = [];
  if (name === undefined && requirements === undefined) found.push(['name', 'say name or requirements']);
  if (packageNames(name).some((each) => each.startsWith('-'))) found.push(['name', noWord]);
  if (name !== undefined && requirements !== undefined)
    found.push(['requirements', 'say name or requirements, not both']);
  if (executable !== undefined && virtualenv !== undefined)
    found.push(['executable', 'say executable or virtualenv, not both']);
  if (version !== undefined && state === 'latest') found.push(['version', 'version is incompatible with state=latest']);
  if (version !== undefined && packageNames(name).length !== 1) found.push(['version', 'is for one package']);
  if (version !== undefined && editable) found.push(['version', 'cannot go with editable']);
  return found;
}

function run(params: Params, host: Host, { signal }: RunContext, argv: readonly string[]): Promise<ExecResult> {
  const masked = params.umask === undefined ? argv : ['sh', '-c', underMask, 'sh', params.umask, ...argv];
  // An older pip has no option of that kind, and needs none.
  const breaking = params.break_system_packages ? { PIP_BREAK_SYSTEM_PACKAGES: '1' } : {};
  const env = { LC_ALL: 'C.UTF-8', PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1', ...breaking };
  return host.exec({ argv: masked, cwd: params.chdir, env, runAs: host.runAs }, { signal, onlyReads: true });
}

function creation({
  virtualenv = '',
  virtualenv_command,
  virtualenv_python,
  virtualenv_site_packages,
}: Params): string[] {
  return [
    ...(shellWords(virtualenv_command) ?? []),
    ...(virtualenv_site_packages ? ['--system-site-packages'] : []),
    ...(virtualenv_python === undefined ? [] : [`-p${virtualenv_python}`]),
    virtualenv,
  ];
}

async function environmentOf({ virtualenv, chdir }: Params, host: Host): Promise<string | undefined> {
  if (virtualenv === undefined) return undefined;
  const said = await host.expanded(virtualenv);
  return chdir !== undefined && !said.startsWith('/') ? joined(chdir, said) : host.absolute(said);
}

/** The words of pip for the packages, without what it is to do with them. */
function packages({ name = [], version, requirements, editable, extra_args }: Params): string[] {
  const said = version?.trim() ?? '';
  const which = /^[<>=!~]|^$/.test(said) ? said : `==${said}`;
  const named = packageNames(name).map((each) => `${each}${which}`);
  return [
    ...(shellWords(extra_args ?? '') ?? []),
    ...(requirements === undefined ? [] : ['-r', requirements]),
    ...named.flatMap((each) => (editable ? ['-e', each] : [each])),
  ];
}

function verb({ state }: Params, check: boolean): string[] {
  if (state === 'absent') return ['uninstall', '-y'];
  const more = { present: [], latest: ['-U'], forcereinstall: ['-U', '--force-reinstall'] }[state];
  return ['install', ...(check ? ['--dry-run'] : []), ...more];
}

/** Whether pip says that it did something, or would. */
function says({ stdout }: ExecResult): boolean {
  return /^(\s*Successfully (un)?installed|Would install) /m.test(stdout);
}

/** What pip lists as installed; undefined where it can't say. */
async function listed(params: Params, host: Host, context: RunContext, pip: readonly string[]) {
  const { status, stdout } = await run(params, host, context, [...pip, 'list', '--format=freeze']);
  return status === 0 ? stdout : undefined;
}

/** What is fetched from a repository is installed anew each time: whether it is another one, only the list tells. */
function isFetched({ name, requirements, state }: Params): boolean {
  if (state === 'absent' || state === 'forcereinstall') return false;
  return requirements !== undefined || packageNames(name).some((each) => /^(?:svn|git|hg|bzr)\+/.test(each));
}

/**
 * What check mode knows without asking pip, which may need the network: whether a package to remove is there, or one to
 * install is not; undefined where pip must be asked.
 */
async function known(
  params: Params,
  host: Host,
  context: RunContext,
  pip: readonly string[],
): Promise<boolean | undefined> {
  const { state, requirements } = params;
  const name = packageNames(params.name);
  if (state !== 'absent' && state !== 'present') return undefined;
  if (requirements !== undefined) return state === 'absent' ? true : undefined;
  const all = (await listed(params, host, context, pip)) ?? '';
  const plain = (each: string) => each.toLowerCase().replace(/[-_.]+/g, '-');
  const there = new Set(all.split('\n').map((line) => plain(line.split('==')[0] ?? '')));
  const isThere = (each: string) => there.has(plain(each.split(/[<>=!~;[ ]/)[0] ?? ''));
  if (state === 'absent') return name.some(isThere);
  return name.every(isThere) ? undefined : true;
}

export const module = defineRunModule({
  name: 'pip',
  form: 'run',
  checkMode: 'run',
  summary: 'Installs or removes packages of Python.',
  notes:
    'Check mode asks pip what it would do (22.2 or newer) with packages that are there. `orch destroy` leaves packages as they are.',
  examples: [
    'pip:\n  name: [bottle>=0.12]\n  virtualenv: /opt/app\n  virtualenv_command: python3 -m venv',
    'pip:\n  requirements: requirements.txt\n  chdir: /srv/app\n  virtualenv: /opt/app',
  ],
  params: fields.superRefine(noneOf(contradictions)),
  async run(given, host, context): Promise<RunResult> {
    const params = { ...given, virtualenv: await environmentOf(given, host) };
    const { name = null, version = null, requirements = null, state, virtualenv, executable } = params;
    const own = virtualenv === undefined ? undefined : joined(virtualenv, 'bin/pip');
    const pip = own !== undefined ? [own] : executable !== undefined ? [executable] : ['python3', '-m', 'pip'];
    const about = { name, version, requirements, state, virtualenv: virtualenv ?? null };
    const made = own !== undefined && (await host.stat(own)) === undefined;
    if (made && context.check) return { changed: true, result: about };
    if (made) {
      const done = await run(params, host, context, creation(params));
      if (done.status !== 0)
        throw taskFailed(`The virtual environment was not made: ${done.stderr.trim() || done.stdout.trim()}`);
    }
    if (requirements === null && packageNames(params.name).length === 0)
      return { changed: made, warnings: ['No valid name or requirements file found.'], result: about };
    const foreseen = context.check ? await known(params, host, context, pip) : undefined;
    if (foreseen !== undefined) return { changed: foreseen, result: about };
    const before = isFetched(params) && !context.check ? await listed(params, host, context, pip) : undefined;
    const argv = [...pip, ...verb(params, context.check), ...packages(params)];
    const done = await run(params, host, context, argv);
    const { stdout, stderr } = done;
    const result = { ...about, cmd: argv, stdout, stderr, stdout_lines: stdout.split('\n').slice(0, -1) };
    if (done.status !== 0) return { changed: false, failed: true, message: stderr.trim() || 'pip failed', result };
    const same = before !== undefined && says(done) && before === (await listed(params, host, context, pip));
    return { changed: made || state === 'forcereinstall' || (says(done) && !same), result };
  },
});
