import { randomBytes } from 'node:crypto';
import { defineRunModule, type RunContext, type RunResult } from './module.ts';
import { baseName, folderOf, joined } from './shared/files/path.ts';
import { type GitParams, gitParams } from './shared/git/params.ts';
import { GitFailure, Repository } from './shared/git/repository.ts';

/** What makes a history short. */
function shortened({ depth, single_branch }: GitParams): readonly string[] {
  return [...(depth ? ['--depth', String(depth)] : []), ...(single_branch ? ['--single-branch'] : [])];
}

async function clone(params: GitParams, repository: Repository): Promise<void> {
  const { dest, remote, bare, version, reference, separate_git_dir, refspec } = params;
  // Only branches and tags can be asked for by name.
  const named = version !== 'HEAD' && (await repository.remoteCommit()) !== undefined;
  const options = [
    ...['--origin', remote],
    ...(bare ? ['--bare'] : []),
    ...(named || version === 'HEAD' ? shortened(params) : []),
    ...(named ? ['--branch', version] : []),
    ...(reference === undefined ? [] : ['--reference', reference]),
    ...(separate_git_dir === undefined ? [] : [`--separate-git-dir=${separate_git_dir}`]),
    ...(params.verify_commit && !bare ? ['--no-checkout'] : []),
  ];
  await repository.outside(['clone', '--quiet', ...options, '--', repository.url, dest]);
  if (refspec !== undefined) await repository.must(['fetch', remote, refspec]);
  await verify(params, repository);
  if (!bare && (version !== 'HEAD' || params.verify_commit)) await checkOut(params, repository);
  await submodules(params, repository);
}

/** What to ask for: of a short history only the wished branch or tag. */
function refspecs(params: GitParams, branch: string | undefined): readonly string[] {
  const { bare, remote, refspec, depth, single_branch, version } = params;
  const short = Boolean(depth) || single_branch;
  const heads = bare ? 'refs/heads/' : `refs/remotes/${remote}/`;
  const more = refspec === undefined ? [] : [refspec];
  if (short && branch !== undefined) return [`+refs/heads/${branch}:${heads}${branch}`, ...more];
  if (short) return [`+refs/tags/${version}:refs/tags/${version}`, ...more];
  return [`+refs/heads/*:${heads}*`, '+refs/tags/*:refs/tags/*', ...more];
}

async function fetch(params: GitParams, repository: Repository, branch: string | undefined): Promise<void> {
  const { remote, depth, bare, single_branch } = params;
  // A short history knows of the branches alone that it was made for, and can't follow another one.
  if ((depth || single_branch) && branch !== undefined && !bare)
    await repository.must(['remote', 'set-branches', '--add', remote, branch]);
  const short = depth ? ['--depth', String(depth)] : [];
  await repository.must(['fetch', '--force', ...short, remote, ...refspecs(params, branch)]);
}

interface Target {
  /** The branch of that name of the other side; undefined: a tag or commit is wished. */
  readonly branch: string | undefined;
  /** What is checked out. */
  readonly far: string;
}

async function targetOf({ version, remote, bare }: GitParams, repository: Repository): Promise<Target> {
  const branch = version === 'HEAD' ? await repository.headBranch() : version;
  const far = bare ? `${branch}` : `${remote}/${branch}`;
  const there = branch !== undefined && (await repository.has(`refs/${bare ? 'heads' : 'remotes'}/${far}`));
  return there ? { branch, far } : { branch: undefined, far: version };
}

/** Fingerprints of the key that made a good signature, and of the key that it belongs to (GnuPG's doc/DETAILS, VALIDSIG). */
function signers(said: string): readonly string[] {
  const [, fields = ''] = /^\[GNUPG:\] VALIDSIG (.*)$/m.exec(said) ?? [];
  const words = fields.split(' ');
  return [words[0] ?? '', words.at(-1) ?? ''].filter((word) => word !== '');
}

/** Throws GitFailure where a signature is asked for that what is to be checked out has not. */
async function verify(params: GitParams, repository: Repository): Promise<void> {
  const { verify_commit, gpg_allowlist, version } = params;
  if (!verify_commit) return;
  const { far } = await targetOf(params, repository);
  const isTag = (await repository.must(['cat-file', '-t', far])) === 'tag';
  const words = [isTag ? 'verify-tag' : 'verify-commit', '--raw', far];
  const done = await repository.ask(...words);
  const failure = `Failed to verify GPG signature of commit/tag "${version}"`;
  if (done.status !== 0) throw new GitFailure(failure, ['git', ...words], done);
  if (gpg_allowlist.length > 0 && !signers(done.stderr).some((print) => gpg_allowlist.includes(print)))
    throw new GitFailure(
      `The gpg_allowlist does not include the public key "${signers(done.stderr)[0]}" for this commit`,
      ['git', ...words],
      done,
    );
}

/** The files of the wished version; a branch is left where the other side has it. */
async function checkOut(params: GitParams, repository: Repository): Promise<void> {
  const { version } = params;
  const { branch, far } = await targetOf(params, repository);
  const failure = `Failed to checkout ${version}`;
  if (branch === undefined) {
    await repository.must(['checkout', '--force', version], failure);
  } else if (await repository.has(`refs/heads/${branch}`)) {
    await repository.must(['checkout', '--force', branch], failure);
    await repository.must(['reset', '--hard', far, '--'], failure);
  } else {
    await repository.must(['checkout', '--force', '--track', '-b', branch, far], failure);
  }
}

/** Brings submodules to the commits that are wished; true where one was at another. */
async function submodules({ bare, recursive, track_submodules }: GitParams, repository: Repository): Promise<boolean> {
  if (bare || !recursive) return false;
  const status = () => repository.must(['submodule', 'status', '--recursive']);
  const before = await status();
  if (before === '') return false;
  await repository.must(['submodule', 'sync', '--recursive']);
  const remote = track_submodules ? ['--remote'] : [];
  await repository.must(['submodule', 'update', '--init', '--recursive', '--force', ...remote]);
  return (await status()) !== before;
}

/** Makes the other side known by its address; true where it was another. */
async function pointed({ remote }: GitParams, repository: Repository, check: boolean): Promise<boolean> {
  const present = await repository.ask('config', '--get', `remote.${remote}.url`);
  if (present.stdout.trimEnd() === repository.url) return false;
  const verb = present.status === 0 ? 'set-url' : 'add';
  if (!check) await repository.must(['remote', verb, remote, repository.url]);
  return true;
}

/** Moves git's own files to where they are wished to be; what the result tells of that where they were elsewhere. */
async function relocatedTo({ separate_git_dir: wanted }: GitParams, repository: Repository, check: boolean) {
  if (wanted === undefined) return undefined;
  const there = await repository.ask('--git-dir', wanted, 'rev-parse', '--absolute-git-dir');
  const present = await repository.must(['rev-parse', '--absolute-git-dir']);
  if (there.status === 0 && there.stdout.trimEnd() === present) return undefined;
  if (!check) await repository.must(['init', '--quiet', '--separate-git-dir', wanted]);
  return { git_dir_before: present, git_dir_now: wanted };
}

/** The same, and the archive; it is a change where that has another content. */
async function withArchive(params: GitParams, repository: Repository, done: RunResult): Promise<RunResult> {
  const { archive, archive_prefix: prefix, version } = params;
  if (archive === undefined) return done;
  const beside = joined(folderOf(archive), `.orch-${randomBytes(6).toString('hex')}-${baseName(archive)}`);
  const format = archive.endsWith('.gz') ? ['--format=tar.gz'] : [];
  const options = [...format, ...(prefix === undefined ? [] : [`--prefix=${prefix}`]), `--output=${beside}`];
  await repository.must(['archive', ...options, version]);
  const changed = await repository.put(beside, archive);
  return { ...done, changed: done.changed || changed, result: { ...done.result, archive } };
}

async function updated(params: GitParams, repository: Repository, check: boolean): Promise<RunResult> {
  const before = await repository.head();
  const modified = params.update && (await repository.isModified());
  if (modified && !params.force) {
    const msg = `Local modifications exist in the destination: ${params.dest} (force=no).`;
    return { changed: false, failed: true, message: msg, result: { before, msg } };
  }
  if (modified && !check) await repository.must(['reset', '--hard', 'HEAD', '--']);
  const relocated = await relocatedTo(params, repository, check);
  const elsewhere = relocated !== undefined;
  if (!params.update) return { changed: elsewhere, result: { before, after: before, ...relocated } };
  const moved = await pointed(params, repository, check);
  const isHead = params.version === 'HEAD';
  const head = isHead ? await repository.headBranch() : undefined;
  if (check) {
    const after = (await repository.remoteCommit(head)) ?? params.version;
    return {
      changed: modified || elsewhere || moved || !after.startsWith(before),
      result: { before, after, remote_url_changed: moved, ...relocated },
    };
  }
  const branch = isHead || !(await isRemoteBranch(params, repository)) ? head : params.version;
  await fetch(params, repository, branch);
  await verify(params, repository);
  if (!params.bare) await checkOut(params, repository);
  const inside = await submodules(params, repository);
  const after = await repository.head();
  const changed = modified || elsewhere || moved || inside || after !== before;
  const within = inside ? { submodules_changed: true } : {};
  const lost = modified ? { msg: `Local modifications exist in the destination: ${params.dest}` } : {};
  return { changed, result: { before, after, remote_url_changed: moved, ...within, ...relocated, ...lost } };
}

async function isRemoteBranch({ version }: GitParams, repository: Repository): Promise<boolean> {
  return (await repository.outside(['ls-remote', repository.url, `refs/heads/${version}`])) !== '';
}

/** What lies between two versions, as Ansible tells it. */
async function between(before: unknown, after: unknown, repository: Repository): Promise<string> {
  if (before === null) return `>> Newly checked out ${after}`;
  if (before === after) return '';
  const { status, stdout, stderr } = await repository.ask('diff', String(before), String(after));
  if (status === 0) return stdout || `>> No visual differences between ${before} and ${after}`;
  return `>> Failed to get proper diff between ${before} and ${after}:\n>> ${stderr}`;
}

/** The same with the diff, where that is asked for. */
async function compared(done: RunResult, repository: Repository, { diff }: RunContext): Promise<RunResult> {
  const { before, after } = done.result;
  if (!diff || !done.changed) return done;
  return { ...done, diff: [{ before: '', after: '', prepared: await between(before, after, repository) }] };
}

async function led(params: GitParams, repository: Repository, context: RunContext): Promise<RunResult> {
  if (params.dest !== '' && (await repository.exists())) {
    const done = await updated(params, repository, context.check);
    return context.check || done.failed ? done : withArchive(params, repository, done);
  }
  if (context.check || !params.clone) {
    const after = (await repository.remoteCommit()) ?? params.version;
    return { changed: true, result: { before: null, after } };
  }
  await clone(params, repository);
  const done = { changed: true, result: { before: null, after: await repository.head() } };
  return withArchive(params, repository, done);
}

export const module = defineRunModule({
  name: 'git',
  asUser: true,
  form: 'run',
  checkMode: 'run',
  summary: 'Brings a repository of git to a version.',
  notes:
    'By git(1) of the host. Check mode asks the other side what would come. `orch destroy` leaves what was cloned.',
  examples: [
    'git:\n  repo: https://git.example.org/site.git\n  dest: /srv/site\n  version: v1.2',
    'git:\n  repo: git@git.lab:site.git\n  dest: /srv/site\n  key_file: /root/.ssh/deploy\n  accept_newhostkey: true',
  ],
  aliases: { name: 'repo', gpg_whitelist: 'gpg_allowlist' },
  params: gitParams,
  async run(params, host, context) {
    try {
      const repo = params.repo.startsWith('~') ? await host.expanded(params.repo) : params.repo;
      const given = { ...params, repo, dest: params.dest ?? '' };
      const repository = new Repository(given, host, context);
      return await compared(await led(given, repository, context), repository, context);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      return { changed: false, failed: true, message: error.message, result: error.result };
    }
  },
});
