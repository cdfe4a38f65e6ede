import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecResult, Host } from '../../../linux/host.ts';
import type { RunContext } from '../../module.ts';
import { ask, taskFailed } from '../programs.ts';
import type { DnfParams } from './fields.ts';
import { type Row, tableRows } from './table.ts';

export interface Installed {
  readonly name: string;
  /** All that it may be called by. */
  readonly names: readonly string[];
  /** As dnf writes it: name-[epoch:]version-release.arch. */
  readonly full: string;
}

/** dnf(8), "exit codes": another process has the lock. */
const locked = 200;

function pattern(glob: string): RegExp {
  const source = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

/** One run of the task against one host. */
export class Dnf {
  private readonly params: DnfParams;
  private readonly host: Host;
  private readonly context: RunContext;
  private readonly program: string;

  constructor(params: DnfParams, host: Host, context: RunContext, program: string) {
    this.params = params;
    this.host = host;
    this.context = context;
    this.program = program;
  }

  /** rpm(8) tells it sooner than dnf does. */
  async installed(): Promise<readonly Installed[]> {
    const { installroot } = this.params;
    const root = installroot === '/' ? [] : ['--root', installroot];
    const format = '%{NAME}\t%{EPOCHNUM}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\n';
    const { stdout } = await ask(this.host, ['rpm', ...root, '-qa', '--queryformat', format]);
    return stdout.split('\n').flatMap((line) => {
      const [name = '', epoch = '0', version, release, arch] = line.split('\t');
      if (version === undefined) return [];
      const known = [version, `${version}-${release}`, `${version}-${release}.${arch}`];
      const versions = [...known, ...known.map((each) => `${epoch}:${each}`)].map((each) => `${name}-${each}`);
      const full = `${name}-${epoch === '0' ? '' : `${epoch}:`}${version}-${release}.${arch}`;
      return [{ name, names: [name, `${name}.${arch}`, ...versions], full }];
    });
  }

  /** Whether an installed package is called so, or provides it. */
  async has(wanted: string, installed: readonly Installed[]): Promise<boolean> {
    if (/[*?]/.test(wanted)) {
      const fits = pattern(wanted);
      return installed.some(({ names }) => names.some((name) => fits.test(name)));
    }
    if (installed.some(({ names }) => names.includes(wanted))) return true;
    if (!/[\s/(]/.test(wanted)) return false;
    const { stdout } = await this.query(['--installed', '--cacheonly', '--whatprovides', wanted]);
    return stdout.trim() !== '';
  }

  query(how: readonly string[]): Promise<ExecResult> {
    const format = '%{name}\t%{epoch}\t%{version}\t%{release}\t%{arch}\t%{repoid}\n';
    return this.run(['-q', 'repoquery', ...this.options(), '--queryformat', format, ...how], false);
  }

  /** What dnf changes by these words, or in check mode would. Throws OrchError with Ansible's words for what dnf refuses. */
  async change(
    verb: readonly string[],
    packages: readonly string[],
    simulate = this.context.check,
  ): Promise<readonly Row[]> {
    const argv = [
      simulate ? '--assumeno' : '-y',
      ...this.options(),
      ...verb,
      ...(packages.length > 0 ? ['--', ...packages] : []),
    ];
    const done = await this.run(argv, !simulate);
    const rows = tableRows(done.stdout);
    const refused = done.status !== 0 && !(simulate && /^Operation aborted/m.test(done.stderr + done.stdout));
    if (refused) throw refusal(done);
    return rows;
  }

  async refresh(): Promise<void> {
    const done = await this.run(['-q', 'makecache', '--refresh', ...this.options()], true);
    if (done.status !== 0) throw refusal(done);
  }

  repositories(): Promise<ExecResult> {
    return this.run(['-q', 'repolist', '--enabled', ...this.options()], false);
  }

  private options(): readonly string[] {
    const { params } = this;
    const each = (option: string, values: readonly string[]) =>
      values.flatMap((value) => value.split(',').map((one) => `${option}${one.trim()}`));
    const enabled = (values: readonly string[], value: 0 | 1) =>
      each('', values).map((id) => `--setopt=${id}.enabled=${value}`);
    const set = (when: boolean, ...settings: readonly string[]) =>
      when ? settings.map((setting) => `--setopt=${setting}`) : [];
    const best = params.best ?? (params.nobest === undefined ? undefined : !params.nobest);
    return [
      ...(params.conf_file === undefined ? [] : [`--config=${params.conf_file}`]),
      ...(params.installroot === '/' ? [] : [`--installroot=${params.installroot}`]),
      ...(params.releasever === undefined ? [] : [`--releasever=${params.releasever}`]),
      // A repository that is not there is none to enable: playbooks name those of several releases side by side.
      ...enabled(params.disablerepo, 0),
      ...enabled(params.enablerepo, 1),
      ...each('--enableplugin=', params.enable_plugin),
      ...each('--disableplugin=', params.disable_plugin),
      ...each('--exclude=', params.exclude),
      ...(params.disable_excludes === undefined ? [] : [`--disableexcludes=${params.disable_excludes}`]),
      ...set(params.disable_gpg_check, 'gpgcheck=0', 'localpkg_gpgcheck=0', '*.gpgcheck=0'),
      ...set(!params.sslverify || !params.validate_certs, 'sslverify=0'),
      ...set(!params.install_weak_deps, 'install_weak_deps=0'),
      ...set(best !== undefined, `best=${best === true ? 1 : 0}`),
      ...set(true, `clean_requirements_on_remove=${params.autoremove ? 1 : 0}`),
      // dnf5 has no such setting.
      ...set(this.program !== 'dnf5', 'exit_on_lock=1'),
      ...(params.allowerasing ? ['--allowerasing'] : []),
      ...(params.skip_broken ? ['--skip-broken'] : []),
      ...(params.cacheonly ? ['--cacheonly'] : []),
      ...(params.download_only ? ['--downloadonly'] : []),
      ...(params.download_only && params.download_dir !== undefined ? [`--downloaddir=${params.download_dir}`] : []),
    ];
  }

  private async run(args: readonly string[], changes: boolean): Promise<ExecResult> {
    const command = { argv: [this.program, ...args], env: { LC_ALL: 'C' } };
    const until = Date.now() + this.params.lock_timeout * 1000;
    for (;;) {
      const done = await this.host.exec(command, { signal: this.context.signal, onlyReads: !changes });
      if (done.status !== locked || Date.now() >= until) return done;
      await sleep(1000, undefined, { signal: this.context.signal });
    }
  }
}

/** What dnf refuses, in Ansible's words where there are some. */
function refusal({ status, stdout, stderr }: ExecResult): Error {
  const said = `${stderr}\n${stdout}`;
  if (status === locked) return taskFailed('lockfile is held by another process', 'lock_timeout waits longer.');
  const missing = [...said.matchAll(/^No match for argument: (.*)$/gm)].map(([, name]) => name);
  if (missing.length > 0) return new NotInstalled(missing.map((name) => `No package ${name} available.`));
  const group = /^(?:Module or Group|No match for group) '(.*)' is not available\.$/m.exec(said)?.[1];
  if (group !== undefined) return taskFailed(`No group ${group} available.`);
  const problem = /^(?:Error:|Failed to resolve the transaction:) *\n((?: .*\n|\n)+)/m.exec(said)?.[1];
  if (problem !== undefined) return new NotInstalled([], `Depsolve Error occurred: \n${problem.trimEnd()}`);
  const file = /^(Could not open: .*)$/m.exec(said)?.[1];
  if (file !== undefined) return taskFailed(`Error occurred attempting remote rpm operation: ${file}`);
  const [, words, url] = /^(Curl error .*?) for (\S+:\/\/\S+)/m.exec(said) ?? [];
  if (url !== undefined) return taskFailed(`Failure downloading ${url}, ${words}`);
  const error = /^(?:Config )?[Ee]rror: (.+)$/m.exec(said)?.[1];
  return taskFailed(error ?? (stderr.trim().split('\n').at(-1) || `dnf failed with status ${status}`));
}

/** Packages that cannot be had: what Ansible's results say of them. */
export class NotInstalled extends Error {
  readonly failures: readonly string[];

  constructor(failures: readonly string[], message = 'Failed to install some of the specified packages') {
    super(message);
    this.failures = failures;
  }
}
