// Installs node_modules when it is absent or not what package-lock.json says. Plain Node: nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return {};
  }
}

/** npm keeps beside the packages a record of what it put there; optional ones are for other platforms. */
function isInstalled() {
  const wanted = packagesIn('package-lock.json');
  const present = packagesIn('node_modules/.package-lock.json');
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || present[path]?.version === version,
  );
}

/** Returns npm's exit code; 0 when there was nothing to do. */
export function install() {
  if (isInstalled()) return 0;
  console.log('Installing the packages of package-lock.json into node_modules ...');
  // What builds and tests orch is needed whatever the user's own settings (NODE_ENV, omit) leave out.
  const npm = spawnSync('npm', ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return npm.status ?? 1;
}
