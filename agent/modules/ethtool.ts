import { OrchError } from '../../proto/errors.ts';
import type { Host } from '../linux/host.ts';
import { type Action, defineModule, type Step } from './module.ts';
import { type EthtoolParams, ethtoolFields } from './shared/ethtool/params.ts';
import { type Section, type Setting, type Settings, sections, type Values } from './shared/ethtool/section.ts';
import { placed, requireLink } from './shared/place.ts';

/** What is there of each section that the task names; undefined: the link is only promised. */
type Current = ReadonlyMap<string, Settings> | undefined;

function namedSections(params: EthtoolParams): readonly Section[] {
  return sections.filter((section) => Object.keys(section.wanted(params)).length > 0);
}

async function show(host: Host, { netns, dev }: EthtoolParams, section: Section): Promise<Settings> {
  const argv = ['ethtool', ...section.show, dev];
  const { status, stdout, stderr } = await host.exec({ argv, netns }, { onlyReads: true });
  const settings = section.parse(stdout);
  if (status === 0 || Object.keys(settings).length > 0) return settings;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  throw new OrchError({
    code: 'unsupported-by-host',
    summary: `The driver of ${placed(netns, dev)} does not tell of ${section.what}: ${said}.`,
    hint: `Leave ${section.name} out for this link; "ethtool -i ${dev}" names the driver.`,
  });
}

/** Wanted values that are not there yet. */
function differing(section: Section, params: EthtoolParams, present: Settings): Values {
  const entries = Object.entries(section.wanted(params));
  return Object.fromEntries(
    entries.filter(([name, value]) => {
      const { value: is, asked = is } = present[name] ?? {};
      return is !== value || asked !== value;
    }),
  );
}

/** Throws where the driver can't do it. */
function refuseImpossible(section: Section, params: EthtoolParams, present: Settings): void {
  const place = placed(params.netns, params.dev);
  const refuse = (summary: string, hint: string) => {
    throw new OrchError({ code: 'unsupported-by-host', summary, hint });
  };
  for (const [name, value] of Object.entries(differing(section, params, present))) {
    const setting: Setting | undefined = present[name];
    // A link that is down may not tell its speed, and takes it all the same.
    if (setting === undefined && section.name === 'link' && name !== 'wol') continue;
    if (setting === undefined) {
      const known = Object.keys(present);
      const shown = ['ethtool', ...section.show, params.dev].join(' ');
      refuse(
        `${place} has no ${name} among its ${section.what}.`,
        known.length > 12 ? `"${shown}" lists them.` : `It has: ${known.join(', ') || 'none'}.`,
      );
    } else if (setting.fixed) {
      refuse(
        `${name} of ${place} is ${setting.value} [fixed]: its driver does not let it change.`,
        `Leave it out for this link; "ethtool -k ${params.dev}" shows what is fixed.`,
      );
    } else if (setting.max !== undefined && Number(value) > setting.max) {
      refuse(`${place} takes at most ${setting.max} as ${section.name} ${name}, not ${value}.`, 'Ask for less.');
    }
  }
}

function command(section: Section, { netns, dev }: EthtoolParams, values: Values): Action {
  return { op: 'ethtool', netns, args: [section.set, dev, ...Object.entries(values).flat()] };
}

function stepOf(section: Section, params: EthtoolParams, present: Settings): Step[] {
  const values = differing(section, params, present);
  const names = Object.keys(values);
  if (names.length === 0) return [];
  const old = names.flatMap((name) => {
    const setting = present[name];
    return setting === undefined ? [] : Object.entries(setting.parts ?? { [name]: setting.value });
  });
  return [
    {
      object: `ethtool ${placed(params.netns, params.dev)}`,
      part: `${section.name} ${names.join(' ')}`,
      action: command(section, params, values),
      undo: old.length === 0 ? [] : [command(section, params, Object.fromEntries(old))],
    },
  ];
}

export const module = defineModule({
  name: 'ethtool',
  form: 'converge',
  summary: "Sets up a link's driver: offloads, rings, queues, interrupt moderation, flow control, speed, wake-on-LAN.",
  notes:
    'Only what the task names is set; `orch destroy` sets it back. What the driver can do differs from link to link: a ' +
    'setting that it does not have, that is [fixed], or that is beyond its maximum is an error before anything is ' +
    'changed. Features that stand for several (tx, tso, sg) are set back one by one. Needs ethtool on the host.',
  examples: [
    'ethtool:\n  dev: eth0\n  netns: ns01\n  features: { tso: false, gso: false, gro: false }',
    'ethtool:\n  dev: ens34\n  rings: { rx: 512 }\n  channels: { combined: 1 }\n  coalesce: { rx-usecs: 50 }',
    'ethtool:\n  dev: eno1\n  speed: 1000\n  duplex: full\n  autoneg: false\n  wol: d',
  ],
  params: ethtoolFields.superRefine((params, context) => {
    if (namedSections(params).length > 0) return;
    context.addIssue({
      code: 'custom',
      path: ['features'],
      message: 'say what to set: features, rings, channels, ...',
    });
  }),

  objects: ({ netns, dev }) => [`ethtool ${placed(netns, dev)}`],

  needs: () => [{ what: 'program', which: 'ethtool' }],

  async read(params, host): Promise<Current> {
    if ((await requireLink(host, params.netns, params.dev)) === undefined) return undefined;
    const named = namedSections(params);
    const shown = await Promise.all(named.map((section) => show(host, params, section)));
    for (const [at, section] of named.entries()) refuseImpossible(section, params, shown[at] ?? {});
    return new Map(named.map((section, at) => [section.name, shown[at] ?? {}]));
  },

  plan(params, current) {
    const named = namedSections(params);
    const present = (section: Section) => current?.get(section.name) ?? {};
    const before = named.map((section) => {
      const names = Object.keys(section.wanted(params));
      return [
        section.name,
        Object.fromEntries(names.map((name) => [name, present(section)[name]?.value ?? 'unknown'])),
      ];
    });
    return {
      steps: named.flatMap((section) => stepOf(section, params, present(section))),
      before: Object.fromEntries(before),
      after: Object.fromEntries(named.map((section) => [section.name, section.wanted(params)])),
    };
  },
});
