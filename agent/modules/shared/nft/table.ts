import * as z from 'zod';
import { OrchError } from '../../../../proto/errors.ts';
import type { ExecResult, Host } from '../../../linux/host.ts';
import { KnownForms } from '../known-forms.ts';
import { namedLinks } from '../named-links.ts';
import { requireNetns } from '../place.ts';

export interface Table {
  readonly netns: string | undefined;
  readonly family: string;
  readonly table: string;
}

export const families = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'] as const;

/** Of a table or a chain. */
export const tableName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_./-]{0,254}$/, 'a name begins with a letter; letters, digits and _ . / - follow');

const known = new KnownForms();

/** Two processes: one that loads and lists shows what it meant to load, not what the kernel made of it. */
const loadAndList = 'nft -f - && exec nft -s list table "$1" "$2"';

/**
 * The table as `nft list` prints it, or undefined when it is not there. Text, because nft's JSON does not tell all of a
 * table (comments of chains before nft 1.0.7, maps to intervals up to 1.1.3 and more) and can't always be loaded again.
 * `stateless`: without counters, quotas used and times left.
 */
export async function listTable(host: Host, at: Table, stateless: boolean): Promise<string | undefined> {
  const { netns, family, table } = at;
  if (netns !== undefined && !(await host.netnsNames()).includes(netns)) {
    await requireNetns(host, netns);
    return undefined;
  }
  const argv = ['nft', ...(stateless ? ['-s'] : []), 'list', 'table', family, table];
  const { status, stdout, stderr } = await host.exec({ argv, netns }, { onlyReads: true });
  if (status === 0) return stdout;
  if (/No such file or directory/.test(stderr)) return undefined;
  throw new OrchError({ code: 'command-failed', summary: `${argv.join(' ')} failed: ${firstLine(stderr)}` });
}

export function tableText({ family, table }: Table, rules: string): string {
  return `table ${family} ${table} {\n${rules}\n}`;
}

/**
 * How nft lists a table of these rules: loaded in a namespace of its own, which has links of the names that the rules
 * use. `present`: the listing of the table that is there, which is enough when it is known to be what the rules make.
 */
export async function wantedForm(host: Host, at: Table, rules: string, present: string | undefined): Promise<string> {
  // Names of links are looked up while rules are loaded; most compare names with each packet's instead.
  const bound = /\b(device|devices|iif|oif)\b/.test(rules);
  const links = bound ? await namedLinks(host, at.netns, rules) : [];
  const key = JSON.stringify([at.family, at.table, rules, links]);
  const before = known.get(key);
  if (before !== undefined && before === present) return before;
  const argv = ['sh', '-c', loadAndList, 'sh', at.family, at.table];
  const result = await host.scratch(links, { argv, stdin: `${tableText(at, rules)}\n` });
  if (result.status !== 0) throw refusal(result, at, rules);
  known.set(key, result.stdout);
  return result.stdout;
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

/** nft's first complaint, with the line counted from the first of the rules; later ones often only follow from it. */
function refusal({ stderr, status }: ExecResult, { family, table }: Table, rules: string): OrchError {
  const found = /^\/dev\/stdin:(\d+):(\d+)-\d+: Error: (.*)\n(?:.*\n)?([ \t^~]*)/m.exec(stderr);
  const [, at = '', column = '', why = firstLine(stderr) || `status ${status}`, marks = ''] = found ?? [];
  const line = Number(at) - 1;
  const source = rules.split('\n')[line - 1];
  return new OrchError({
    code: 'command-failed',
    summary:
      found === null || source === undefined
        ? `nft does not take table ${family} ${table}: ${why}.`
        : `nft does not take line ${line}, column ${column} of the rules of table ${family} ${table}: ${why}.`,
    detail: source === undefined ? undefined : `${source}\n${marks}`.replaceAll('\t', ' '),
    hint: 'Nothing was changed. `orch doc nft` and nft(8) show how rules are written.',
  });
}
