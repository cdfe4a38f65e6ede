import { OrchError } from '../../../proto/errors.ts';
import type { Asked, ExecResult, Host } from '../../linux/host.ts';
import type { RunContext, RunResult } from '../module.ts';
import { debFiles } from './apt-files.ts';
import { type AptParams, namesOf, packagesOf } from './apt-params.ts';
import { asksFor, broughtByOthers, parts, removable } from './apt-versions.ts';
import { changesIn, unavailable } from './apt-words.ts';
import { taskFailed } from './programs.ts';
import { lines } from './run-command.ts';

/** Where apt notes when it read its lists: APT's own hook, or its folder where there is none. */
const stamps = ['/var/lib/apt/periodic/update-success-stamp', '/var/lib/apt/lists'];

const policyFile = '/usr/sbin/policy-rc.d';

/**
 * Runs a program, $3 and what follows, while the policy $1 answers with $2 to all that packages want to do with services; the
 * host's own policy is back when that has ended, however it did.
 */
const underPolicy = `policy=$1 status=$2
shift 2
kept=$policy.orch
[ -e "$kept" ] || [ ! -e "$policy" ] || mv "$policy" "$kept" || exit
back() { rm -f "$policy"; [ ! -e "$kept" ] || mv -f "$kept" "$policy"; }
trap back EXIT
trap 'exit 143' TERM INT HUP
printf '#!/bin/sh\\nexit %s\\n' "$status" >"$policy" && chmod 0755 "$policy" || exit
"$@"`;

/** One run of the task against one host. */
class Apt {
  private readonly params: AptParams;
  private readonly host: Host;
  private readonly context: RunContext;
  readonly said = { stdout: '', stderr: '' };
  /** What apt-get says of its changes, one after the other. */
  readonly changes: string[] = [];

  constructor(params: AptParams, host: Host, context: RunContext) {
    this.params = params;
    this.host = host;
    this.context = context;
  }

  /** When the lists were read the last time, in seconds since 1970; 0: never. */
  async listsTime(): Promise<number> {
    for (const path of stamps) {
      const state = await this.host.stat(path);
      if (state !== undefined) return Math.floor(state.mtimeMs / 1000);
    }
    return 0;
  }

  /** Reads the lists of packages where the task wants it and they are too old; whether it did. */
  async update(): Promise<boolean> {
    const { update_cache, cache_valid_time } = this.params;
    if (update_cache !== true && cache_valid_time === 0) return false;
    const age = Date.now() / 1000 - (await this.listsTime());
    if (cache_valid_time > 0 && age < cache_valid_time) return false;
    if (!this.context.check) await this.must(['apt-get', 'update'], 'Failed to update apt cache');
    return true;
  }

  /** Whether apt-get would change something by these words; it is done, too, but in check mode. `told`: nothing to do is said, too. */
  async change(words: readonly string[], told = false): Promise<boolean> {
    const argv = ['apt-get', '-s', ...this.options(), ...words];
    const simulated = this.newLists() ? await this.run(argv, false) : await this.must(argv, 'apt-get refused');
    // What it refuses may be in the lists that it would have by now.
    if (simulated.status !== 0) return true;
    if (!/^(Inst|Remv|Purg) /m.test(simulated.stdout)) {
      if (told) this.keep(simulated);
      return false;
    }
    this.changes.push(changesIn(simulated.stdout));
    if (this.context.check) this.keep(simulated);
    else await this.must(['apt-get', '-y', ...this.options(), ...words], `'apt-get ${words.join(' ')}' failed`);
    return true;
  }

  /** Whether the lists are not those that the run would have: in check mode they are not read anew. */
  private newLists(): boolean {
    const reads = ({ module, params }: Asked) =>
      module === 'apt_repository' || Object(params).update_cache === true || Object(params).cache_valid_time > 0;
    return this.context.check && this.host.asked().some(reads);
  }

  async clean(): Promise<void> {
    if (!this.context.check) await this.must(['apt-get', '-y', 'clean'], "'apt-get clean' failed");
  }

  /** Whether something was in the cache that cannot be had any more. */
  async autoclean(): Promise<boolean> {
    const done = await this.must(
      ['apt-get', this.context.check ? '-s' : '-y', 'autoclean'],
      "'apt-get autoclean' failed",
    );
    if (this.context.check) this.keep(done);
    return /^Del /m.test(done.stdout);
  }

  /** Has packages stay, by apt's own notes, when those are gone that brought them; Ansible counts that for no change. */
  async keepOwn(names: readonly string[]): Promise<void> {
    const states = (await this.host.readFile('/var/lib/apt/extended_states'))?.toString() ?? '';
    const brought = broughtByOthers(states);
    const own = names.filter((name) => brought.has(name));
    if (own.length === 0 || this.context.check) return;
    await this.must(['apt-mark', 'manual', '--', ...own], "'apt-mark manual' failed");
  }

  /** Versions of installed packages by "name" and "name:architecture"; `configured`: and of those that left configuration. */
  async installed(configured = false): Promise<ReadonlyMap<string, string>> {
    const format = `\${Package}\t\${Architecture}\t\${Version}\t\${db:Status-Status}\n`;
    const { stdout } = await this.run(['dpkg-query', '-W', '-f', format], false);
    const found = stdout.split('\n').flatMap((line): [string, string][] => {
      const [name = '', architecture = '', version = '', status] = line.split('\t');
      return status === 'installed' || (configured && status === 'config-files')
        ? [
            [name, version],
            [`${name}:${architecture}`, version],
          ]
        : [];
    });
    return new Map(found);
  }

  /** Package and version of a file. */
  async fileFields(path: string): Promise<readonly [string, string]> {
    const { stdout } = await this.must(
      ['dpkg-deb', '--show', '--showformat', `\${Package}\t\${Version}`, path],
      `Unable to read ${path}`,
    );
    const [name = '', version = ''] = stdout.split('\t');
    return [name, version];
  }

  private options(): readonly string[] {
    const { params } = this;
    return [
      ...params.dpkg_options
        .split(',')
        .flatMap((option) => (option === '' ? [] : ['-o', `Dpkg::Options::=--${option}`])),
      ...['-o', `DPkg::Lock::Timeout=${params.lock_timeout}`],
      ...(params.default_release === undefined ? [] : ['-t', params.default_release]),
      ...(params.install_recommends === undefined
        ? []
        : ['-o', `APT::Install-Recommends=${params.install_recommends ? 'yes' : 'no'}`]),
      ...(params.fail_on_autoremove ? ['--no-remove'] : []),
      ...(params.only_upgrade ? ['--only-upgrade'] : []),
      ...(params.autoremove ? ['--auto-remove'] : []),
      ...(params.allow_downgrade || params.force ? ['--allow-downgrades'] : []),
      ...(params.allow_change_held_packages || params.force ? ['--allow-change-held-packages'] : []),
      ...(params.allow_unauthenticated || params.force ? ['--allow-unauthenticated'] : []),
    ];
  }

  private async must(argv: readonly string[], failure: string): Promise<ExecResult> {
    const done = await this.run(argv, argv[1] !== '-s');
    if (done.status === 0) return done;
    const words =
      done.stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('E:'))
        .at(-1) ?? done.stderr.trim();
    throw new OrchError({
      code: 'task-failed',
      summary: unavailable(words) ?? `${failure}: ${words}`,
      detail: done.stderr.trim(),
    });
  }

  /** @param kept what it says is the task's */
  async run(argv: readonly string[], kept: boolean): Promise<ExecResult> {
    const env = {
      DEBIAN_FRONTEND: 'noninteractive',
      DEBIAN_PRIORITY: 'critical',
      APT_LISTCHANGES_FRONTEND: 'none',
      LC_ALL: 'C',
    };
    const { policy_rc_d: policy } = this.params;
    const changes = argv[0] === 'apt-get' && kept && policy !== undefined;
    const run = changes ? ['sh', '-c', underPolicy, 'sh', policyFile, String(policy), ...argv] : argv;
    const done = await this.host.exec({ argv: run, env }, { signal: this.context.signal });
    if (kept) this.keep(done);
    return done;
  }

  private keep({ stdout, stderr }: ExecResult): void {
    this.said.stdout += stdout;
    this.said.stderr += stderr;
  }
}

async function changePackages(params: AptParams, apt: Apt): Promise<boolean> {
  const wanted = packagesOf(params);
  if (params.state === 'fixed') return apt.change(['install', '-f', ...wanted]);
  if (wanted.length === 0) return false;
  if (params.state === 'build-dep') return apt.change(['build-dep', '--', ...wanted]);
  // Configuration may be left of what is not installed.
  const installed = await apt.installed(params.state === 'absent' && params.purge);
  if (params.state === 'absent') {
    const names = await removable(wanted, { installed, latest: false, run: (argv) => apt.run(argv, false) });
    return names.length > 0 && apt.change(['remove', ...(params.purge ? ['--purge'] : []), '--', ...names]);
  }
  const asked = await asksFor(wanted, {
    installed,
    latest: params.state === 'latest',
    run: (argv) => apt.run(argv, false),
  });
  const changed = asked.length > 0 && (await apt.change(['install', '--', ...asked]));
  await apt.keepOwn(wanted.map((each) => parts(each).name).filter((name) => installed.has(name)));
  return changed;
}

async function changeFiles(paths: readonly string[], apt: Apt): Promise<boolean> {
  const installed = await apt.installed();
  const others: string[] = [];
  for (const path of paths) {
    const [name, version] = await apt.fileFields(path);
    if (installed.get(name) !== version) others.push(path);
  }
  return others.length > 0 && apt.change(['install', '--', ...others]);
}

/** The words that upgrade all packages, where the task wants that. */
function upgradeOf(params: AptParams): readonly string[] | undefined {
  if (params.upgrade === 'full' || params.upgrade === 'dist') return ['dist-upgrade'];
  const all = params.state === 'latest' && namesOf(params).includes('*');
  if (all && packagesOf(params).length > 0) {
    throw taskFailed('unable to install additional packages when upgrading all installed packages');
  }
  return all || params.upgrade !== 'no' ? ['upgrade', '--with-new-pkgs'] : undefined;
}

/** Brings the host's packages to what the task says. Throws OrchError with apt's own words. */
export async function runApt(params: AptParams, host: Host, context: RunContext): Promise<RunResult> {
  const apt = new Apt(params, host, context);
  const updated = await apt.update();
  const { clean, deb } = params;
  const upgrade = upgradeOf(params);
  const changes = [
    upgrade !== undefined && (await apt.change(upgrade, true)),
    deb !== undefined && (await changeFiles(await debFiles(deb, host, context), apt)),
    await changePackages(params, apt),
  ];
  const alone =
    packagesOf(params).length === 0 && upgrade === undefined && deb === undefined && params.state !== 'fixed';
  if (alone && params.autoremove) changes.push(await apt.change(['autoremove', ...(params.purge ? ['--purge'] : [])]));
  if (alone && params.autoclean) changes.push(await apt.autoclean());
  if (clean) await apt.clean();
  // What is in the cache nobody asks: cleaning it alone is a change each time, as in Ansible.
  const changed = changes.includes(true) || (alone && (updated || clean));
  const { stdout, stderr } = apt.said;
  const silent = stdout === '' && stderr === '';
  const said = silent ? {} : { stdout, stdout_lines: lines(stdout), stderr, stderr_lines: lines(stderr) };
  const message = upgrade !== undefined || (alone && clean) ? { msg: stdout } : {};
  return {
    changed,
    result: { cache_updated: updated, cache_update_time: await apt.listsTime(), ...said, ...message },
    diff: apt.changes.map((prepared) => ({ before: '', after: '', prepared })),
  };
}
