import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { answerOf, ask, taskFailed } from './shared/programs.ts';

/** One installed package, under Ansible's names. */
type Package = Readonly<Record<string, unknown>> & { readonly name: string };

const dpkgFormat = `\${db:Status-Status}\t\${Package}\t\${Version}\t\${Architecture}\t\${Section}\n`;
const rpmFormat = '%{NAME}\t%{VERSION}\t%{RELEASE}\t%{EPOCH}\t%{ARCH}\n';

/** Fields of each line; lines are split at tabs. */
function rows(text: string): string[][] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]));
}

async function dpkg(host: Host): Promise<Package[]> {
  const text = await answerOf(host, ['dpkg-query', '-W', '-f', dpkgFormat]);
  const all = rows(text);
  // Those of another architecture than the host's own are called so.
  const native = ['all', all.find(([, name]) => name === 'dpkg')?.[3]];
  return all.flatMap(([status, plain = '', version, arch, category]) => {
    const name = native.includes(arch) ? plain : `${plain}:${arch}`;
    return status === 'installed' ? [{ name, version, arch, category, source: 'apt' }] : [];
  });
}

async function rpm(host: Host): Promise<Package[]> {
  const text = await answerOf(host, ['rpm', '-qa', '--queryformat', rpmFormat]);
  return rows(text).map(([name = '', version, release, epoch, arch]) => {
    const known = epoch === '(none)' || epoch === undefined ? null : Number(epoch);
    return { name, version, release, epoch: known, arch, source: 'rpm' };
  });
}

/** `musl-1.2.4-r2 x86_64 {musl} (MIT) [installed]`, of which the last two parts of the first word are the version. */
async function apk(host: Host): Promise<Package[]> {
  const text = await answerOf(host, ['apk', 'list', '-I']);
  return text.split('\n').flatMap((line) => {
    const [, name, version, release] = /^(\S+)-([^-\s]+)-r(\d+) /.exec(line) ?? [];
    return name === undefined ? [] : [{ name, version, release, source: 'apk' }];
  });
}

const managers = { apt: dpkg, rpm, apk } as const;
type Manager = keyof typeof managers;

/** The program that each asks; a host may have several. */
const programs = { apt: ['dpkg-query', '--version'], rpm: ['rpm', '--version'], apk: ['apk', '--version'] } as const;

const aliases = { apt: 'apt', rpm: 'rpm', apk: 'apk', dnf: 'rpm', dnf5: 'rpm', yum: 'rpm', zypper: 'rpm' } as const;

async function has(host: Host, manager: Manager): Promise<boolean> {
  const answer = await ask(host, programs[manager]).catch(() => undefined);
  return answer?.status === 0;
}

export const module = defineRunModule({
  name: 'package_facts',
  form: 'run',
  checkMode: 'run',
  summary: 'Gathers which packages are installed.',
  notes: 'The fact `packages` has a list of versions by each name. Of packages of apt the origin is not told.',
  examples: ['package_facts:', 'package_facts:\n  manager: [apt]'],
  params: z.strictObject({
    manager: z
      .array(z.enum(['auto', 'apt', 'rpm', 'apk', 'dnf', 'dnf5', 'yum', 'zypper']))
      .default(['auto'])
      .describe('What to ask; auto: what the host has, in this order.'),
    strategy: z
      .enum(['first', 'all'])
      .default('first')
      .describe('Ask the first one that the host has, or all of them.'),
  }),
  async run({ manager, strategy }, host) {
    const named = manager.flatMap((name) => (name === 'auto' ? (['apt', 'rpm', 'apk'] as const) : [aliases[name]]));
    const packages = new Map<string, Package[]>();
    let asked = 0;
    for (const each of new Set(named)) {
      if (!(await has(host, each))) continue;
      asked++;
      for (const one of await managers[each](host)) packages.set(one.name, [...(packages.get(one.name) ?? []), one]);
      if (strategy === 'first') break;
    }
    if (asked === 0)
      throw taskFailed(`Could not detect a supported package manager from the following list: ${manager.join(', ')}`);
    return { changed: false, result: { ansible_facts: { packages: Object.fromEntries(packages) } } };
  },
});
