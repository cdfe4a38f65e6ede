import type { Host } from '../../../linux/host.ts';
import type { RunContext, RunResult } from '../../module.ts';
import { taskFailed } from '../programs.ts';
import type { DnfParams } from './fields.ts';
import { Dnf, type Installed, NotInstalled } from './program.ts';
import type { Row } from './table.ts';

const nothing = 'Nothing to do';
const wouldChange = 'Check mode: No changes made, but would have if not in check mode';

/** What a task's names are, with commas taken apart. */
function packagesOf({ name }: Pick<DnfParams, 'name'>): readonly string[] {
  return name.flatMap((each) => each.split(',').map((one) => one.trim())).filter((each) => each !== '');
}

const isFile = (wanted: string) => /\.rpm$/.test(wanted) && /^(?:\/|[a-z]+:\/\/)/.test(wanted);

/** What came of the task so far. */
interface Outcome {
  readonly rows: readonly Row[];
  readonly remarks: readonly string[];
}

/** Installs what is missing; with `latest` upgrades what is there. */
async function install(params: DnfParams, dnf: Dnf, installed: readonly Installed[]): Promise<Outcome> {
  const wanted = packagesOf(params);
  const latest = params.state === 'latest';
  const filters = latest ? [...(params.security ? ['--security'] : []), ...(params.bugfix ? ['--bugfix'] : [])] : [];
  if (latest && wanted.includes('*')) return { rows: await dnf.change(['upgrade', ...filters], []), remarks: [] };
  const files = wanted.filter(isFile);
  const there: string[] = [];
  const missing: string[] = [];
  for (const each of wanted) {
    const present = !isFile(each) && !each.startsWith('@') && each !== '*' && (await dnf.has(each, installed));
    (present ? there : missing).push(each);
  }
  const skipped = params.update_only && latest ? missing : [];
  const rows = [
    ...(latest && there.length > 0 ? await dnf.change(['upgrade', ...filters], there) : []),
    ...(await installMissing(
      missing.filter((each) => !skipped.includes(each)),
      params,
      dnf,
      installed,
    )),
  ];
  const remarks = [
    ...skipped.map((each) => `Packages providing ${each} not installed due to update_only specified`),
    ...files.filter((each) => !skipped.includes(each)).map((each) => `Installed ${each}`),
  ];
  return { rows, remarks };
}

/** dnf takes an older version that is named for what to do; the task only where it allows that. */
async function installMissing(
  wanted: readonly string[],
  params: DnfParams,
  dnf: Dnf,
  installed: readonly Installed[],
): Promise<readonly Row[]> {
  if (wanted.length === 0) return [];
  const older = (each: string) =>
    isFile(each) || installed.some(({ name }) => each.startsWith(`${name}-`) || each.startsWith(`${name} `));
  if (params.allow_downgrade || !wanted.some(older)) return dnf.change(['install'], wanted);
  const newer: string[] = [];
  // One after the other: each of them takes dnf's lock.
  for (const each of wanted) {
    const rows = older(each) ? await dnf.change(['install'], [each], true) : [];
    if (!rows.some(({ section }) => section === 'Downgrading')) newer.push(each);
  }
  return newer.length === 0 ? [] : dnf.change(['install'], newer);
}

async function remove(params: DnfParams, dnf: Dnf, installed: readonly Installed[]): Promise<Outcome> {
  const wanted = packagesOf(params);
  if (wanted.length === 0) return { rows: params.autoremove ? await dnf.change(['autoremove'], []) : [], remarks: [] };
  const present: string[] = [];
  for (const each of wanted) if (each.startsWith('@') || (await dnf.has(each, installed))) present.push(each);
  return {
    rows: present.length === 0 ? [] : await dnf.change(['remove'], present),
    remarks: wanted.filter((each) => !present.includes(each)).map((each) => `No match for argument: ${each}`),
  };
}

/** "Installed: ..." and "Removed: ...", those that go for another version too. */
function results({ rows, remarks }: Outcome, params: DnfParams, installed: readonly Installed[]): readonly string[] {
  const removing = rows.filter(({ section }) => section.startsWith('Removing'));
  const coming = rows.filter((row) => !removing.includes(row));
  if (params.download_only) return [...remarks, ...coming.map(({ full }) => `Downloaded: ${full}`)];
  const replaced = coming
    .filter(({ section }) => /^(?:Upgrading|Downgrading)$/.test(section))
    .flatMap(({ name, arch }) => installed.filter((old) => old.names.includes(`${name}.${arch}`)));
  const gone = new Set([...replaced, ...removing].map(({ full }) => full));
  return [
    ...remarks,
    ...coming.map(({ full }) => `Installed: ${full}`),
    ...[...gone].map((full) => `Removed: ${full}`),
  ];
}

/** How `list` asks; a name is asked for among what is installed and what can be had. */
const listings: Readonly<Record<string, readonly string[]>> = {
  installed: ['--installed'],
  available: ['--available'],
  updates: ['--upgrades'],
  upgrades: ['--upgrades'],
};

async function listed(what: string, dnf: Dnf): Promise<readonly unknown[]> {
  if (what === 'repos' || what === 'repositories') {
    const { stdout } = await dnf.repositories();
    const rows = stdout
      .split('\n')
      .slice(1)
      .filter((line) => line.trim() !== '');
    return rows.map((line) => ({ repoid: line.split(/\s/)[0], state: 'enabled' }));
  }
  const asked = Object.hasOwn(listings, what)
    ? [listings[what] ?? []]
    : [
        ['--installed', what],
        ['--available', what],
      ];
  const found: unknown[] = [];
  for (const how of asked) {
    const { status, stdout, stderr } = await dnf.query(how);
    if (status !== 0) throw taskFailed(stderr.trim());
    for (const line of stdout.split('\n')) {
      const [name, epoch, version, release, arch, repo] = line.split('\t');
      if (repo === undefined) continue;
      const nevra = `${epoch}:${name}-${version}-${release}.${arch}`;
      const yumstate = how[0] === '--installed' ? 'installed' : 'available';
      const from = yumstate === 'installed' ? '@System' : repo;
      found.push({ arch, envra: nevra, epoch, name, nevra, release, repo: from, version, yumstate });
    }
  }
  return found;
}

/** Brings the host's packages to what the task says. Throws OrchError with dnf's own words. */
export async function runDnf(params: DnfParams, host: Host, context: RunContext): Promise<RunResult> {
  if (params.conf_file !== undefined && (await host.stat(params.conf_file)) === undefined)
    throw taskFailed('cannot read configuration file');
  const dnf = new Dnf(params, host, context, await programOf(params, host));
  if (params.list !== undefined)
    return { changed: false, result: { msg: '', results: await listed(params.list, dnf) } };
  if (params.update_cache && !context.check) await dnf.refresh();
  if (params.update_cache && packagesOf(params).length === 0 && !params.autoremove)
    return { changed: false, result: { msg: 'Cache updated', rc: 0, results: [] } };
  const installed = await dnf.installed();
  const absent =
    params.state === 'absent' || params.state === 'removed' || (params.state === undefined && params.autoremove);
  try {
    const outcome = await (absent ? remove : install)(params, dnf, installed);
    const changed = outcome.rows.length > 0;
    const msg = changed ? (context.check ? wouldChange : '') : nothing;
    return { changed, result: { msg, rc: 0, results: results(outcome, params, installed) } };
  } catch (error) {
    if (!(error instanceof NotInstalled)) throw error;
    const { message, failures } = error;
    return { changed: false, failed: true, message, result: { msg: message, failures, rc: 1, results: [] } };
  }
}

async function programOf({ use_backend }: DnfParams, host: Host): Promise<'dnf' | 'dnf5'> {
  if (use_backend === 'dnf5') return 'dnf5';
  const open = use_backend === 'auto' || use_backend === 'yum';
  return open && (await host.stat('/usr/bin/dnf5')) !== undefined ? 'dnf5' : 'dnf';
}
