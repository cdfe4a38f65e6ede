import { OrchError } from '../../../../proto/errors.ts';
import type { Host, ScratchLink } from '../../../linux/host.ts';
import { tcBatch } from '../../../linux/tools.ts';
import { KnownForms } from '../known-forms.ts';
import { namedLinks } from '../named-links.ts';
import { placed, requireLink } from '../place.ts';
import { number, type Row } from '../rows.ts';
import { type Form, formOf, type Shown } from './form.ts';
import type { Command } from './tree.ts';

/** Kinds that have neither classes made by commands nor filters: nothing more is asked about them. */
const plain = /^qdisc (noqueue|netem|tbf|pfifo|bfifo|pfifo_fast|fq|codel|pie|red|mq) /;

const nothing: Shown = { qdiscs: '', classes: '', filters: '', ingress: '', egress: '' };

export interface Device {
  readonly netns: string | undefined;
  readonly dev: string;
}

/** What tc shows of a device, or undefined when check mode has promised it. */
export async function showQueueing(host: Host, device: Device): Promise<Shown | undefined> {
  if ((await requireLink(host, device.netns, device.dev)) === undefined) return undefined;
  return showPresent(host, device);
}

/**
 * What tc shows of a device that is there. Text, because tc's JSON is less: it leaves out the rate of police and all
 * matches of u32 but the last, and is no JSON for hfsc and basic.
 */
export async function showPresent(host: Pick<Host, 'exec'>, { netns, dev }: Device): Promise<Shown> {
  const show = async (...what: string[]) => {
    const argv = ['tc', '-d', ...(netns === undefined ? [] : ['-n', netns]), ...what];
    const { status, stdout, stderr } = await host.exec({ argv }, { onlyReads: true });
    if (status === 0) return stdout;
    throw new OrchError({ code: 'command-failed', summary: `${argv.join(' ')} failed: ${stderr.trim()}` });
  };
  const qdiscs = await show('qdisc', 'show', 'dev', dev);
  const lines = qdiscs.split('\n').filter((line) => line.startsWith('qdisc '));
  const hooked = lines.some((line) => line.includes(' parent ffff:fff1'));
  const more = lines.some((line) => !line.includes(' parent ffff:fff1') && !/ 0: /.test(line) && !plain.test(line));
  const [classes, filters, ingress, egress] = await Promise.all([
    more ? show('class', 'show', 'dev', dev) : '',
    more ? show('filter', 'show', 'dev', dev) : '',
    hooked ? show('filter', 'show', 'dev', dev, 'ingress') : '',
    hooked ? show('filter', 'show', 'dev', dev, 'egress') : '',
  ]);
  return { qdiscs, classes, filters, ingress, egress };
}

/** What is asked of a host to learn what commands make. */
export type Trial = Pick<Host, 'ip' | 'scratch' | 'promised'>;

const known = new KnownForms();

const buildAndShow = [
  'tc -batch - || exit',
  'for what in qdisc class filter; do tc -d $what show dev "$1"; echo %; done',
  'tc -d filter show dev "$1" ingress; echo %; tc -d filter show dev "$1" egress',
].join('; ');

function parts(output: string): Shown {
  const [qdiscs = '', classes = '', filters = '', ingress = '', egress = ''] = output.split(/^%\n/m);
  return { qdiscs, classes, filters, ingress, egress };
}

/** The device for a scratch namespace: some defaults follow from its MTU and queue length. */
function like(dev: string, row: Row | undefined): ScratchLink[] {
  if (dev === 'lo') return [];
  return [{ name: dev, mtu: row && number(row, 'mtu'), queueLength: row && number(row, 'txqlen') }];
}

/**
 * How tc shows what the commands make: carried out on a link of that name in a namespace of its own, with the links that
 * they name. `proven`: true when an earlier answer does; it is asked again otherwise.
 */
export async function builtForm(
  host: Trial,
  { netns, dev }: Device,
  commands: readonly Command[],
  named: ((handle: string) => readonly string[]) | undefined,
  proven: (form: Form) => boolean,
): Promise<Form> {
  const [row] = (await host.ip(['link', 'show', 'dev', dev], netns)).rows;
  const mirrored = commands.some((words) => words.slice(4).some((word) => word === 'dev' || word === 'indev'));
  const others = mirrored ? await namedLinks(host, netns, commands.flatMap((words) => words.slice(4)).join(' ')) : [];
  const links = [...like(dev, row), ...others.filter((link) => link.name !== dev)];
  const stdin = tcBatch(commands);
  const key = JSON.stringify([links, stdin]);
  const before = known.get(key);
  if (before !== undefined) {
    const form = formOf(parts(before), named);
    if (proven(form)) return form;
  }
  const result = await host.scratch(links, { argv: ['sh', '-c', buildAndShow, 'sh', dev], stdin });
  if (result.stderr.includes('Command failed -:') || result.status !== 0) {
    throw refusal(result.stderr, commands, placed(netns, dev));
  }
  known.set(key, result.stdout);
  return formOf(parts(result.stdout), named);
}

const unknownKind = /kind is unknown|Unknown qdisc|Unknown filter|classifier not found|Failed to load TC action/;

function refusal(stderr: string, commands: readonly Command[], place: string): OrchError {
  const at = Number(/Command failed -:(\d+)/.exec(stderr)?.[1] ?? 1) - 1;
  const text = ['tc', ...(commands[at] ?? [])].join(' ');
  const said = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('Command failed'));
  const lacking = unknownKind.test(stderr);
  return new OrchError({
    code: lacking ? 'unsupported-by-host' : 'command-failed',
    summary: `${lacking ? 'The host' : 'tc'} does not take what ${place} is to have: ${said[0] ?? 'no reason was given'}`,
    detail: [text, ...said.slice(0, 8)].join('\n'),
    hint: lacking
      ? 'The kernel or iproute2 of this host lacks it; a module may bring it (modprobe sch_netem, or its like). Nothing was changed.'
      : 'Nothing was changed. tc(8) and the page of the kind, as tc-htb(8), show how it is written.',
  });
}

export { nothing as nothingShown };
