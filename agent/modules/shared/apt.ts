import * as z from 'zod';
import { OrchError } from '../../../proto/errors.ts';
import type { Asked, ExecResult, Host } from '../../linux/host.ts';
import type { RunContext, RunResult } from '../module.ts';
import { asksFor, parts } from './apt-versions.ts';
import { changesIn, unavailable } from './apt-words.ts';
import { hostPath } from './fields.ts';
import { lines } from './run-command.ts';
import { taken } from './taken.ts';

/** A package as apt-get(8) takes it, name, :architecture, =version, /release, or name>=version; it cannot be taken for an option. */
const packageName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9+._~*?:-]*((?:>?=|\/)[A-Za-z0-9+._~:*-]+)?$/, 'is no name of a package');

export const aptFields = {
  name: z
    .union([z.string(), z.array(packageName)])
    .default([])
    .describe(
      'Packages, a list or with commas between; name=version for one version, name>=version for at least that.',
    ),
  state: z
    .enum(['absent', 'build-dep', 'fixed', 'latest', 'present'])
    .default('present')
    .describe('latest: the newest that the lists know; build-dep: what they are built with.'),
  update_cache: z.boolean().optional().describe('Read the lists of packages anew first.'),
  cache_valid_time: z.int().min(0).default(0).describe('Seconds that the lists may be old for that.'),
  upgrade: z
    .enum(['dist', 'full', 'no', 'safe', 'yes'])
    .default('no')
    .describe('Upgrade all packages; full, dist: removing others if need be.'),
  deb: hostPath.optional().describe('A package as a file of the host.'),
  default_release: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/)
    .optional()
    .describe('Release to take packages from.'),
  install_recommends: z
    .boolean()
    .optional()
    .describe("Packages that they recommend, too; default: as the host's apt does."),
  only_upgrade: z.boolean().default(false).describe('Only packages that are installed.'),
  purge: z.boolean().default(false).describe('absent: their configuration, too.'),
  autoremove: z.boolean().default(false).describe('Remove what nothing needs any more.'),
  autoclean: z.boolean().default(false).describe('Remove packages from the cache that cannot be had any more.'),
  clean: z.boolean().default(false).describe('Remove all packages from the cache.'),
  allow_downgrade: z.boolean().default(false).describe('Also an older version than the one that is installed.'),
  allow_change_held_packages: z.boolean().default(false).describe('Also packages that are on hold.'),
  allow_unauthenticated: z.boolean().default(false).describe('Also packages that nobody has signed.'),
  force: z.boolean().default(false).describe('The two before, and downgrades.'),
  dpkg_options: z
    .string()
    .regex(/^[a-z,-]*$/)
    .default('force-confdef,force-confold')
    .describe('Options for dpkg(1), with commas between.'),
  lock_timeout: z.int().min(0).max(3600).default(60).describe("Seconds to wait for another's lock."),
  fail_on_autoremove: z.boolean().default(false).describe('Fail where a package would be removed for another.'),
  policy_rc_d: z
    .int()
    .min(0)
    .max(255)
    .optional()
    .describe('What /usr/sbin/policy-rc.d is to answer meanwhile; 101: services of packages are not started.'),
  auto_install_module_deps: taken('nothing of Python is needed', z.boolean()),
  update_cache_retries: taken('apt-get tries again by itself', z.int()),
  update_cache_retry_max_delay: taken('apt-get tries again by itself', z.int()),
  force_apt_get: z.boolean().default(false).describe('Taken for the sake of old playbooks: apt-get it is in any case.'),
} as const;

export type AptParams = z.infer<z.ZodObject<typeof aptFields>>;

export function packagesOf({ name: packages }: AptParams): readonly string[] {
  const list = typeof packages === 'string' ? packages.split(',').map((each) => each.trim()) : packages;
  return list.filter((each) => each !== '');
}

/** Where apt notes when it read its lists (APT's own hook, and its folder). */
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
    const states = await Promise.all(stamps.map((path) => this.host.stat(path)));
    return Math.floor(Math.max(0, ...states.map((state) => state?.mtimeMs ?? 0)) / 1000);
  }

  /** Reads the lists of packages where the task wants it and they are too old; whether it did. */
  async update(): Promise<boolean> {
    const { update_cache, cache_valid_time } = this.params;
    if (update_cache === false || (update_cache === undefined && cache_valid_time === 0)) return false;
    const age = Date.now() / 1000 - (await this.listsTime());
    if (cache_valid_time > 0 && age < cache_valid_time) return false;
    if (!this.context.check) await this.must(['apt-get', 'update'], 'Failed to update apt cache');
    return true;
  }

  /** Whether apt-get would change something by these words; it is done, too, but in check mode. */
  async change(words: readonly string[]): Promise<boolean> {
    const argv = ['apt-get', '-s', ...this.options(), ...words];
    const simulated = this.newLists() ? await this.run(argv, false) : await this.must(argv, 'apt-get refused');
    // What it refuses may be in the lists that it would have by now.
    if (simulated.status !== 0) return true;
    if (!/^(Inst|Remv|Purg) /m.test(simulated.stdout)) return false;
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

  /** What cleans the cache is asked for each time, and is no change of the host. */
  async clean(verb: string): Promise<void> {
    if (!this.context.check) await this.must(['apt-get', '-y', verb], `'apt-get ${verb}' failed`);
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
    const named = wanted.filter((each) => /[*?]/.test(each) || installed.has(parts(each).name));
    const names = named.map((each) => (parts(each).least ? parts(each).name : each));
    return names.length > 0 && apt.change(['remove', ...(params.purge ? ['--purge'] : []), '--', ...names]);
  }
  const asked = await asksFor(wanted, {
    installed,
    latest: params.state === 'latest',
    run: (argv) => apt.run(argv, false),
  });
  return asked.length > 0 && apt.change(['install', '--', ...asked]);
}

async function changeFile(path: string, apt: Apt): Promise<boolean> {
  const [name, version] = await apt.fileFields(path);
  return (await apt.installed()).get(name) !== version && apt.change(['install', '--', path]);
}

/** Brings the host's packages to what the task says. Throws OrchError with apt's own words. */
export async function runApt(params: AptParams, host: Host, context: RunContext): Promise<RunResult> {
  const apt = new Apt(params, host, context);
  const updated = await apt.update();
  const { upgrade, deb } = params;
  const changes = [
    upgrade !== 'no' &&
      (await apt.change(upgrade === 'full' || upgrade === 'dist' ? ['dist-upgrade'] : ['upgrade', '--with-new-pkgs'])),
    deb !== undefined && (await changeFile(deb, apt)),
    await changePackages(params, apt),
  ];
  const alone = packagesOf(params).length === 0 && upgrade === 'no' && deb === undefined && params.state !== 'fixed';
  if (alone && params.autoremove) changes.push(await apt.change(['autoremove', ...(params.purge ? ['--purge'] : [])]));
  if (params.autoclean) await apt.clean('autoclean');
  if (params.clean) await apt.clean('clean');
  const changed = changes.includes(true) || (alone && updated);
  const { stdout, stderr } = apt.said;
  const silent = stdout === '' && stderr === '';
  const said = silent ? {} : { stdout, stdout_lines: lines(stdout), stderr, stderr_lines: lines(stderr) };
  return {
    changed,
    result: { cache_updated: updated, cache_update_time: await apt.listsTime(), ...said },
    diff: apt.changes.map((prepared) => ({ before: '', after: '', prepared })),
  };
}
