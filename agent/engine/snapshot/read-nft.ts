import { OrchError } from '../../../proto/errors.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import { object, type Row, rows, text } from '../../modules/shared/rows.ts';
import { keyed } from './keys.ts';
import type { Place } from './read-place.ts';
import type { Items } from './state.ts';

/** Each table of the ruleset with all that is in it. Does not ask where asking would load the kernel's module. */
export async function readNftTables({ host, netns }: Place): Promise<Items> {
  if (!(await isLoaded(host))) return {};
  const reply = await host.exec(
    { argv: ['nft', '-j', 'list', 'ruleset'], netns },
    { timeoutMs: 15_000, onlyReads: true },
  );
  if (reply.status !== 0) {
    throw new OrchError({ code: 'command-failed', summary: `nft list ruleset failed: ${reply.stderr.trim()}` });
  }
  return nftTables(rows(JSON.parse(reply.stdout.trim() || '{}'), 'nftables'));
}

/** Objects of `nft -j list ruleset`, table by table. */
function nftTables(listed: readonly Row[]): Items {
  const tables = new Map<string, { family: string; name: string; objects: Row[] }>();
  for (const entry of listed) {
    const [kind = ''] = Object.keys(entry);
    const body = object(entry, kind);
    const name = text(body, kind === 'table' ? 'name' : 'table');
    if (name === undefined) continue;
    const family = text(body, 'family') ?? '';
    const table = tables.get(`${family} ${name}`) ?? { family, name, objects: [] };
    tables.set(`${family} ${name}`, table);
    table.objects.push(entry);
  }
  return keyed('nft tables', [...tables.values()]);
}

/** nf_tables runs already, or is part of the kernel, or there are no modules that could be loaded. */
async function isLoaded(host: ActingHost): Promise<boolean> {
  if ((await host.stat('/sys/module/nf_tables')) !== undefined) return true;
  const release = (await host.readFile('/proc/sys/kernel/osrelease', 256))?.toString().trim() ?? '';
  const builtin = await host.readFile(`/lib/modules/${release}/modules.builtin`, 4 * 1024 * 1024);
  return builtin === undefined || builtin.includes('/nf_tables.ko');
}
