// A command under another version of Node, also on the hosts of a testbed by namespaces: `npm run -s on-node -- 24 npm test`.
// Wants root: the version stands in the place of this one, in a mount namespace that ends with the command.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [version, ...command] = process.argv.slice(2);
if (version === undefined || command.length === 0) {
  console.error('usage: npm run -s on-node -- VERSION COMMAND...');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'orch-node-'));
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const other = join(folder, 'node_modules', `node-linux-${arch}`, 'bin/node');

function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error) console.error(`${program}: ${error.message}`);
  return status ?? 1;
}

/** The program's compiled form is of the Node that it was built with. */
const inPlace = 'mount --bind "$1" "$2" && shift 2 && npm run --silent build && exec "$@"';

let code = run('npm', 'install', '--no-audit', '--no-fund', '--prefix', folder, `node-linux-${arch}@${version}`);
if (code === 0) {
  code = run('unshare', '--mount', 'sh', '-c', inPlace, 'on-node', other, process.execPath, ...command);
  run('npm', 'run', '--silent', 'build');
}
rmSync(folder, { recursive: true, force: true });
process.exit(code);
