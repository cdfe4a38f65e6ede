import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { NftTracer } from '../../agent/linux/trace/nft-tracer.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-nft-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** An nft whose monitor has missed some and said a line and a half. */
const nft = `#!/bin/sh
case $1 in
  list) echo 'table ip nat {' ;;
  monitor)
    printf '# ERROR: We lost some netlink events!\\ntrace id 1 ip nat pre packet: ip saddr 10.0.0.1 ip daddr 10.0.0.2\\ntrace id 2 ip nat pre packet: ip saddr 10.0.0.1 ip daddr 10.0'
    echo $$ > "${folder}/monitor"
    exec sleep 60 ;;
  -i) while read -r list table family name; do [ "$list" = list ] && printf 'table inet %s {\\n}\\n' "$name"; done ;;
esac
`;

it('reads no line that the monitor has not ended yet, and that some were lost', async () => {
  writeFileSync(join(folder, 'nft'), nft, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  const monitor = join(folder, 'monitor');
  const sockets = async () => (existsSync(monitor) ? `0 12 ${readFileSync(monitor, 'utf8').trim()} 00000100 0` : '');
  const tracer = await NftTracer.start(undefined, [{ there: 'a', back: 'b', tracked: 'c' }], sockets);
  expect(await tracer?.lines()).toEqual({
    lines: ['trace id 1 ip nat pre packet: ip saddr 10.0.0.1 ip daddr 10.0.0.2'],
    lost: true,
  });
  await tracer?.close();
});
