// Holds the wire contract to what main has: a field may be added, none changed or removed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Output of git, or nothing where it fails: no repository, no such commit. */
function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** The commit to compare with: where this branch left main; in a clone without main's history, main or HEAD itself. */
function base(): string | undefined {
  const main = ['origin/main', 'main'].find((name) => git('rev-parse', '--verify', '--quiet', `${name}^{commit}`));
  const commit = main === undefined ? 'HEAD' : (git('merge-base', 'HEAD', main) ?? main);
  return git('rev-parse', '--verify', '--quiet', `${commit}:proto`) ? git('rev-parse', commit) : undefined;
}

const commit = base();
if (commit === undefined) {
  console.log('breaking: git has no earlier contract here, so there is nothing to compare with');
} else {
  const folder = mkdtempSync(join(tmpdir(), 'orch-proto-'));
  try {
    const archive = join(folder, 'before.tar');
    execFileSync('git', ['archive', '--format=tar', '-o', archive, commit, 'proto', 'buf.yaml'], { cwd: root });
    const buf = spawnSync('node_modules/.bin/buf', ['breaking', '--against', archive], { cwd: root, stdio: 'inherit' });
    process.exitCode = buf.status ?? 1;
    if (buf.status === 0) console.log(`breaking: nothing that ${commit.slice(0, 12)} has is changed`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
